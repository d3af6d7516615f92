"""One window for each user: a second start hands its files to the window that is there."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from vrae_core.json_values import converted, parsed

SECONDS_TO_ANSWER = 5.0  # a window that takes longer hangs
LONGEST_REQUEST = 1 << 20  # bytes
SHOWN = b"shown\n"


class SingleInstance(QObject):
    """The place where the window of a user, and of one folder of sessions, can be reached.

    Its socket lies in that folder, where nobody else may write.  A socket that a killed process left behind is
    replaced: nobody answers there.  Where there can be no socket, each start has a window of its own.
    """

    files_handed = Signal(list)  # paths, of another start; none: only come to the front

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder, self._name = folder, _socket_name(folder)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._take)
        self.another_hangs = False  # there is another window, and it does not answer

    def handed_over(self, files: Sequence[Path]) -> bool:
        """Whether another window has taken the files; else this process is the one to open them.

        Blocks, at the very start only: not at all if there is no other, and else until that one answers or hangs.
        """
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
        deadline = time.monotonic() + SECONDS_TO_ANSWER
        while time.monotonic() < deadline:
            socket = self._reach_another()
            if socket is None:
                return False
            if _is_answered(socket, files, deadline):
                return True
        self.another_hangs = True
        return False

    def _reach_another(self) -> QLocalSocket | None:
        """A socket to the window that is there; if none is, be the one that is reached."""
        deciding = QLockFile(str(self._folder / "window.lock"))  # of two starts at one moment one must be the first
        deciding.setStaleLockTime(int(SECONDS_TO_ANSWER * 1000))
        deciding.tryLock(int(SECONDS_TO_ANSWER * 1000))
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if socket.waitForConnected(1000):
            return socket
        QLocalServer.removeServer(self._name)  # a socket that a killed process left
        self._server.listen(self._name)
        return None

    def close(self) -> None:
        """Be reached no more: the window closes, and another start opens its own."""
        self._server.close()

    def _take(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.readyRead.connect(lambda socket=socket: self._read(socket))
            socket.disconnected.connect(socket.deleteLater)
            self._read(socket)

    def _read(self, socket: QLocalSocket) -> None:
        if socket.bytesAvailable() > LONGEST_REQUEST:
            socket.abort()
        if not socket.canReadLine():
            return
        try:
            files = converted(parsed(bytes(socket.readLine().data())), list[str])
        except ValueError:
            socket.abort()
            return
        socket.write(SHOWN)
        socket.flush()
        self.files_handed.emit([Path(file) for file in files])


def _is_answered(socket: QLocalSocket, files: Sequence[Path], deadline: float) -> bool:
    """False if the other window closes meanwhile, or says nothing in time."""
    socket.write(json.dumps([str(file) for file in files]).encode() + b"\n")
    while (left := deadline - time.monotonic()) > 0 and not socket.canReadLine():
        if not socket.waitForReadyRead(int(left * 1000) + 1):
            break
    return socket.canReadLine() and bytes(socket.readLine().data()) == SHOWN


def _socket_name(folder: Path) -> str:
    if sys.platform == "win32":  # a pipe, which lies in no folder
        return f"vrae-explorer-{hashlib.sha256(str(folder).encode()).hexdigest()[:16]}"
    return str(folder / "window.socket")
