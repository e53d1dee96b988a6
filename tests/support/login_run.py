"""Runs the commands login and check as processes, with a browser that is a file."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
from pathlib import Path

from tap_run import tap
from target_run import target

ADDRESS = re.compile(r"^  (https?://\S+)$", re.MULTILINE)
SECRET = "sandbox-app-secret"
STARTS = {"tap-ecwid": tap, "target-ecwid": target}


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def environment(**variables):
    """This process's environment, without what could be settings."""
    kept = {
        k: v for k, v in os.environ.items() if not k.startswith(("TAP_", "TARGET_", "MELTANO_"))
    }
    return {**kept, **variables}


def settings_of(sandbox, **changes):
    """Settings of an app that isn't logged in."""
    settings = {
        "auth_method": "oauth",
        "api_url": sandbox.url,
        "oauth_url": sandbox.authorize_url.removesuffix("/authorize"),
        "client_id": "sandbox-app",
        "client_secret": SECRET,
        **changes,
    }
    return {name: value for name, value in settings.items() if value is not None}


class Login:
    """A login that is under way.

    Attributes:
        port: That it listens to.
        address: The page that somebody has to open.
    """

    def __init__(self, folder, sandbox, *options, plugin="tap-ecwid", start=None, **changes):
        self.folder = Path(folder)
        self.port = free_port()
        self.redirect = f"http://127.0.0.1:{self.port}/callback"
        self.env_file = self.folder / ".env"
        self.opened = self.folder / "opened"
        browser = self.folder / "browser"
        browser.write_text(f'#!/bin/sh\necho "$1" > {self.opened}\n')
        browser.chmod(0o755)
        config = self.folder / "config.json"
        config.write_text(
            json.dumps(settings_of(sandbox, **{"redirect_uri": self.redirect, **changes}))
        )
        self.process = subprocess.Popen(
            [*(start or STARTS[plugin]()), "login", "--config", str(config), *options],
            cwd=folder,
            env=environment(BROWSER=str(browser)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.told = ""
        self.printed = ""

    def wait_for_address(self):
        """Read what it says until it says where to go."""
        while not (found := ADDRESS.search(self.told)):
            line = self.process.stderr.readline()
            assert line, self.told
            self.told += line
        self.address = found[1]
        return self.address

    def end(self, typed=""):
        """Let it come to its end: its exit code. No secret is in what it printed."""
        printed, told = self.process.communicate(typed, timeout=60)
        self.told += told
        self.printed += printed
        assert "Traceback" not in self.told, self.told
        for secret in (SECRET, self.token()):
            assert not secret or secret not in self.told + self.printed
        return self.process.returncode

    def token(self):
        """The token that it has stored; None without one."""
        return self.variables().get("ECWID_ACCESS_TOKEN")

    def variables(self):
        if not self.env_file.exists():
            return {}
        lines = self.env_file.read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)

    def kill(self):
        self.process.kill()
        self.process.communicate()


def run(folder, plugin, *arguments, start=None, typed=None, **variables):
    """Run a command to its end, with settings in the environment."""
    return subprocess.run(
        [*(start or STARTS[plugin]()), *arguments],
        cwd=folder,
        env=environment(**variables),
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
