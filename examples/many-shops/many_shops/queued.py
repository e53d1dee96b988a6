"""Prints which stores have events in the queue of webhooks, as JSON.

With a state on its input, it first removes what the state says is loaded. It runs in the Meltano
project's environment, with the queue that the tap has there.
"""

from __future__ import annotations

import json
import sys

from ecwid_api.errors import EcwidError
from ecwid_plugin.environment import settings_of_environment
from ecwid_plugin.plugin_facts import refuse
from ecwid_plugin.settings import declared_problems, json_schema
from ecwid_webhooks.queue import Queue
from ecwid_webhooks.settings import PREFIX, QueueSettings


def main() -> None:
    """Look into the queue."""
    config = settings_of_environment(json_schema(QueueSettings), PREFIX)
    state = sys.stdin.read()
    try:
        refuse(declared_problems(config, QueueSettings))
        with Queue(QueueSettings.of(config).queue) as queue:
            if state:
                from ecwid_webhooks.tap import (  # noqa: PLC0415 - the tap takes a second to load
                    acknowledge,
                    positions_of,
                )

                acknowledge(queue, positions_of(json.loads(state)))
            waiting = [*queue.status().waiting]
    except EcwidError as error:
        sys.exit(str(error))
    sys.stdout.write(json.dumps(waiting))


if __name__ == "__main__":
    main()
