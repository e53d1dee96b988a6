"""What tap and target have in common as plugins of the Singer SDK."""

from __future__ import annotations

import sys
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.plugin_base import PluginBase

from ecwid_api.http_settings import normal_address
from ecwid_plugin.about import FORMATS
from ecwid_plugin.command import COMMANDS, Interruptions, hint
from ecwid_plugin.environment import settings_of_environment
from ecwid_plugin.routine_lines import demote
from ecwid_plugin.settings import fill_in, names_of, type_problems
from ecwid_plugin.sinks import know_secrets
from ecwid_plugin.token_store import fill_token

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import click
    from singer_sdk.about import AboutInfo

    from ecwid_api.errors import SettingError
    from ecwid_api.settings import Settings


class EcwidPlugin(PluginBase):
    """A plugin whose settings are declared in groups, and which ends where it is safe to.

    Attributes:
        groups: The settings that aren't the SDK's.
        commands: The commands that the SDK doesn't know -> what they do.
    """

    groups: ClassVar[tuple[type[Settings], ...]]
    commands: ClassVar[Mapping[str, str]] = COMMANDS

    @classmethod
    @abstractmethod
    def problems(cls, config: Mapping[str, Any]) -> Iterator[SettingError]:
        """What is wrong with the settings of the groups."""

    # Settings.

    @property
    def _env_var_config(self) -> dict[str, Any]:
        self.append_builtin_config(self.config_jsonschema)
        return settings_of_environment(self.config_jsonschema, self._env_var_prefix)

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        fill_in(self._config, *self.groups)
        fill_token(self._config)
        api_url = self._config.get("api_url")
        if isinstance(api_url, str):
            # The journal and reports name the server in one way, however it is written.
            self._config["api_url"] = normal_address(api_url) or api_url
        self.append_builtin_config(self.config_jsonschema)
        know_secrets(self._config, self.config_jsonschema)
        ours = names_of(*self.groups)
        others = {n: d for n, d in self.config_jsonschema["properties"].items() if n not in ours}
        problems = (*self.problems(self._config), *type_problems(self._config, others))
        found = [str(problem) for problem in problems]
        if found and raise_errors:
            raise ConfigValidationError("The settings are not right", errors=found)
        return found

    # The command line.

    @classmethod
    def about(cls) -> AboutInfo:
        """What the plugin is, with all its settings and the SDK's."""
        return cls._get_about_info()

    @classmethod
    def print_about(cls, output_format: str | None = None) -> None:
        """Print what the plugin is: the SDK's formats, with everything that settings have."""
        write = FORMATS.get(output_format or "text")
        if write is None:
            super().print_about(output_format)
        else:
            sys.stdout.write(write(cls.about()))

    @classmethod
    def get_singer_command(cls) -> click.Command:
        """The SDK's command line, with a line on our own commands."""
        demote(cls.logger)
        command = super().get_singer_command()
        command.epilog = hint(cls.name, cls.commands)
        return command

    # Signals.

    def _setup_signal_handlers(self) -> None:
        self._interruptions = Interruptions()
        self._interruptions.watch()

    def check_interrupted(self) -> None:
        """End the run if a signal has come.

        Raises:
            Interrupted: One has.
        """
        self._interruptions.check()
