"""Stands in for a process that is forked from a server with its imports: see ``preloaded.py``."""

import contextlib
import json
import os
import signal
import socket
import sys


def main():
    address, function, *arguments = sys.argv[1:]
    # The run has other numbers for what was handed over to this process.
    mine = f"/proc/{os.getpid()}/fd/"
    arguments = [one.replace("/dev/fd/", mine) for one in arguments]
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.connect(address)

    def pass_on(number, _):
        # The run may have ended at this moment.
        with contextlib.suppress(BrokenPipeError):
            connection.send(bytes([number]))

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, pass_on)
    run = {"function": function, "arguments": arguments, "environment": dict(os.environ)}
    handed_over = [os.open(".", os.O_RDONLY), 0, 1, 2]
    socket.send_fds(connection, [json.dumps(run).encode() + b"\n"], handed_over)
    for stream in handed_over:
        # The run has them: only it must keep them open.
        os.close(stream)
    answer = connection.recv(4)
    code = int.from_bytes(answer, signed=True) if answer else 1
    if code < 0:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


main()
