"""A shop in which something happens all the while."""

from __future__ import annotations

import threading

from expected import expected_rows


class Trade:
    """Customers and staff who do something all the while: ten times what Ecwid's limit allows.

    Faster, and catching up takes more requests than a minute has: the run then waits for the next.
    """

    def __init__(self, sandbox, pause=0.01, also=lambda: None):
        self.sandbox = sandbox
        self.count = 0
        self._pause = pause
        self._also = also
        self._resting = threading.Event()
        self._between = threading.Lock()
        self._thread = threading.Thread(target=self._go_on)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._resting.set()
        self._thread.join()

    def _go_on(self):
        while not self._resting.wait(self._pause):
            with self._between:
                self.sandbox.activity(1)
                self._also()
                self.count += 1

    def rows(self):
        """What a warehouse should hold at this moment."""
        with self._between:
            return expected_rows(self.sandbox.shop)
