"""Waking the other processes of one machine that share a data directory: an empty datagram each, after a commit.

Every database gets this, also those that carry no word themselves. A datagram that is lost costs nothing but time: the
bus looks every second anyway.
"""

import asyncio
import secrets
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from faregate.kernel.log import get_logger

_MANY_BYTES = 4096
_log = get_logger(__name__)


class Neighbours:
    """This process's socket among those in `folder`. State: the socket, while it is open."""

    def __init__(self, folder: Path, heard: Callable[[], None]) -> None:
        self._folder = folder
        self._heard = heard
        # Random: containers that share the folder may have the same process ids.
        self._own = folder / f"{secrets.token_hex(4)}.sock"
        self._socket: socket.socket | None = None

    def open(self) -> None:
        """Begin to hear. Where no such socket can be made (a long path, a strange file system) the log says so."""
        opened = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        opened.setblocking(False)
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            opened.bind(str(self._own))
        except OSError as error:
            opened.close()
            _log.info("wakeups.no_local_socket", error=str(error))
            return
        self._socket = opened
        asyncio.get_running_loop().add_reader(opened, self._hear)

    def close(self) -> None:
        """Hear and say nothing any more."""
        opened, self._socket = self._socket, None
        if opened is not None:
            asyncio.get_running_loop().remove_reader(opened)
            opened.close()
            self._own.unlink(missing_ok=True)

    def tell(self) -> None:
        """Wake the others; waits for nobody. A socket that nobody holds any more is removed."""
        if self._socket is None:
            return
        for path in self._folder.glob("*.sock"):
            if path == self._own:
                continue
            try:
                self._socket.sendto(b"", str(path))
            except ConnectionRefusedError:
                path.unlink(missing_ok=True)
            except OSError:
                continue  # its buffer is full (it has been told often enough), or it has just gone

    def _hear(self) -> None:
        with suppress(BlockingIOError):
            while self._socket is not None:
                self._socket.recv(_MANY_BYTES)
                self._heard()
