"""Zstandard files that grow frame by frame: what a killed process leaves is whole frames."""

from __future__ import annotations

import fcntl
import mmap
import os
import sys
from typing import TYPE_CHECKING, Final

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FRAME: Final = 1 << 20
"""Bytes of lines in a frame."""
_OPTIONS: Final = {
    int(zstd.CompressionParameter.compression_level): 3,
    int(zstd.CompressionParameter.checksum_flag): 1,
}


class LineFile:
    """A file that lines are appended to, locked by this process."""

    def __init__(self, path: Path, temporary: Path) -> None:
        """Create it.

        Args:
            path: The file.
            temporary: Its name until it is locked.
        """
        self.path = path
        self.count = 0
        self._buffer = bytearray()
        self._compressor = zstd.ZstdCompressor(options=_OPTIONS)
        self._descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        # If another process sees it under its name and can lock it, the writer is dead.
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        temporary.rename(path)
        self._is_synced = False

    def append(self, line: bytes) -> None:
        """Append a line without its end."""
        self._buffer += line
        self._buffer += b"\n"
        self.count += 1
        if len(self._buffer) >= _FRAME:
            self._write_frame()

    def _write_frame(self) -> None:
        frame = self._compressor.compress(self._buffer, zstd.ZstdCompressor.FLUSH_FRAME)
        self._buffer.clear()
        self._is_synced = False
        left = memoryview(frame)
        while left:
            left = left[os.write(self._descriptor, left) :]

    def sync(self) -> None:
        """Have everything on the disk."""
        if self._buffer or not self.count:
            # A file without lines is one frame without lines.
            self._write_frame()
        if not self._is_synced:
            os.fsync(self._descriptor)
            self._is_synced = True

    def close(self) -> None:
        """Close it; it stays locked until then."""
        os.close(self._descriptor)


def lines_of(path: Path) -> Iterator[bytes]:
    """The lines of a file, packed or not, without their ends."""
    with zstd.open(path, "rb") if path.suffix == ".zst" else path.open("rb") as file:
        for line in file:
            yield line.rstrip(b"\n")


def mend(path: Path) -> int | None:
    """Cut off what a killed process left behind the last whole frame of a file.

    Returns:
        How many lines it has; None if the process that writes it is alive.
    """
    descriptor = os.open(path, os.O_RDWR)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None
        size = os.fstat(descriptor).st_size
        end, lines = _whole_frames(descriptor) if size else (0, 0)
        if end < size:
            os.ftruncate(descriptor, end)
        os.fsync(descriptor)
        return lines
    finally:
        os.close(descriptor)


def _whole_frames(descriptor: int) -> tuple[int, int]:
    """Where the whole frames end, and how many lines they have."""
    end = lines = 0
    with mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ) as mapped, memoryview(mapped) as content:
        while end < len(content):
            try:
                with content[end:] as rest:
                    size = zstd.get_frame_size(rest)
                with content[end : end + size] as frame:
                    lines += zstd.decompress(frame).count(b"\n")
            except zstd.ZstdError:
                break
            end += size
    return end, lines
