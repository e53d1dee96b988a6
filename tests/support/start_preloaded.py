"""Stands in for a process that is forked from a server with its imports: see ``preloaded.py``."""

import json
import os
import signal
import socket
import sys


def main():
    address, function, *arguments = sys.argv[1:]
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.connect(address)
    run = {
        "function": function,
        "arguments": arguments,
        "environment": dict(os.environ),
    }
    folder = os.open(".", os.O_RDONLY)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: connection.send(bytes([number])))
    socket.send_fds(connection, [json.dumps(run).encode()], [folder, 0, 1, 2])
    for stream in (0, 1, 2):
        # The run has them: only it must keep them open.
        os.close(stream)
    code = int.from_bytes(connection.recv(4), signed=True)
    if code < 0:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


main()
