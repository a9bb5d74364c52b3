"""A network between a client and a server that breaks one byte of what is sent."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def breaking(port: int, good: bytes, bad: bytes) -> Iterator[int]:
    """Pass connections on to a port of this machine, ``bad`` in place of ``good``; yield the port to connect to."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_accept, args=(listener, port, good, bad), daemon=True).start()
        yield listener.getsockname()[1]


def _accept(listener: socket.socket, port: int, good: bytes, bad: bytes) -> None:
    with suppress(OSError):  # the listener is closed in the end
        while True:
            client, _ = listener.accept()
            server = socket.create_connection(("127.0.0.1", port))
            threading.Thread(target=_copy, args=(client, server, good, bad), daemon=True).start()
            threading.Thread(target=_copy, args=(server, client, b"", b""), daemon=True).start()


def _copy(source: socket.socket, target: socket.socket, good: bytes, bad: bytes) -> None:
    with suppress(OSError), source, target:
        kept = b""
        while data := source.recv(65_536):
            whole = (kept + data).replace(good, bad) if good else data
            # Whatever may be the beginning of what is to be replaced waits for the rest.
            size = next((n for n in range(len(good) - 1, 0, -1) if whole.endswith(good[:n])), 0)
            kept = whole[len(whole) - size :]
            target.sendall(whole[: len(whole) - size])
        target.sendall(kept)
