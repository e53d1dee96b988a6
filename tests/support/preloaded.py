"""Commands that start without their imports, which take a second each.

A server, one for each worker of pytest, imports a command's packages once. Each run is a process
forked from it: it has its own memory, arguments, environment and exit code, and it ends as any
other does. ``start_preloaded.py`` stands in for it: it hands over its own input and output, passes
on signals, and takes the exit code. Whoever kills it, kills the run.

What is not the same: the number of the process, its process group, what variables such as
``PYTHONPROFILEIMPORTTIME`` say to Python, and the time that it takes. Tests of these start the
installed command.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import importlib
import json
import os
import pkgutil
import select
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

HERE = Path(__file__)
LIMIT = 1 << 20
"""Bytes that are received at once."""


def preloaded(name, function, *packages):
    """The start of a command line.

    Args:
        name: What the command calls itself.
        function: What it runs, as ``module:function``.
        packages: What is imported beforehand, with all their modules.
    """
    start = str(HERE.with_name("start_preloaded.py"))
    address = _server(packages) / "socket"
    return (sys.executable, "-I", "-S", start, str(address), function, name)


def write_command(folder, name, start):
    """Write a command into a folder of ``PATH`` that starts as ``start`` says."""
    path = Path(folder) / name
    path.write_text(f'#!/bin/sh\nexec {shlex.join(start)} "$@"\n')
    path.chmod(0o755)


@functools.cache
def _server(packages):
    """The folder with the socket of a server; it ends when its input does, as this process ends."""
    folder = tempfile.TemporaryDirectory(prefix="preloaded-")
    server = subprocess.Popen(
        [sys.executable, str(HERE), folder.name, *packages],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert server.stdout.readline() == b"ready\n"
    _kept.append((server, folder))
    return Path(folder.name)


_kept = []


def _import_all(name):
    package = importlib.import_module(name)
    for module in pkgutil.walk_packages(getattr(package, "__path__", []), f"{name}."):
        if not module.name.endswith(".__main__"):
            importlib.import_module(module.name)


def _asked_for(listener):
    """Wait for connections: returns in a new process for each of them."""
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in ready:
            os._exit(0)
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            return connection
        connection.close()


def _pass_on(connection, process):
    """Send the process the signals that come; kill it when the other end is gone."""
    while number := connection.recv(1):
        os.kill(process, number[0])
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


def _become_the_run(connection):
    """Fork once more: returns in the run. The process in between waits for it."""
    sent, (folder, *streams), _, _ = socket.recv_fds(connection, LIMIT, 4)
    while not sent.endswith(b"\n"):
        sent += connection.recv(LIMIT)
    run = json.loads(sent)
    os.fchdir(folder)
    os.close(folder)
    process = os.fork()
    if process:
        for stream in streams:
            os.close(stream)
        threading.Thread(target=_pass_on, args=(connection, process), daemon=True).start()
        _, status = os.waitpid(process, 0)
        with contextlib.suppress(BrokenPipeError):
            connection.send(os.waitstatus_to_exitcode(status).to_bytes(4, signed=True))
        os._exit(0)
    connection.close()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(run["environment"])
    sys.argv = run["arguments"]
    return run["function"]


if __name__ == "__main__":
    for package in sys.argv[2:]:
        _import_all(package)
    assert threading.active_count() == 1, "no process with threads can be forked"
    # What is there now stays: a run needn't look through it, nor copy it by doing so.
    gc.collect()
    gc.freeze()
    serving = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    serving.bind(f"{sys.argv[1]}/socket")
    serving.listen()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    accepted = _asked_for(serving)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    module, _, function = _become_the_run(accepted).partition(":")
    sys.exit(getattr(importlib.import_module(module), function)())
