"""Hosts on this machine that files are fetched from, well-behaved and otherwise."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field

Answer = Callable[[socket.socket], None]
"""Sends an answer, byte for byte as it is to be."""


@dataclass
class Host:
    """A host that gives its answers one after the other, the last one again and again, and keeps what it was asked."""

    address: str
    port: int
    answers: Sequence[Answer]
    requests: list[bytes] = field(default_factory=list)
    server_names: list[str | None] = field(default_factory=list)
    """What TLS clients asked for (SNI)."""
    connection_count: int = 0

    def url(self, path: str = "/files/places.txt", *, name: str = "files.example", scheme: str = "http") -> str:
        """Return a URL of this host by a name that only the tests' resolver knows."""
        return f"{scheme}://{name}:{self.port}{path}"

    def target(self, index: int = -1) -> str:
        """Return path and query of a request."""
        return self.requests[index].split()[1].decode()

    def headers(self, index: int = -1) -> dict[str, str]:
        """Return the headers of a request, names in lower case."""
        lines = self.requests[index].decode().split("\r\n")[1:]
        return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines) if name}


@contextmanager
def running_host(*answers: Answer, address: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None):
    """Run a host until the block is left."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, port), family=family) as server:
        host = Host(address, server.getsockname()[1], answers)
        if tls is not None:
            tls.sni_callback = lambda _socket, name, _context: host.server_names.append(name)
        thread = threading.Thread(target=_serve, args=(server, host, tls))
        thread.start()
        try:
            yield host
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(10)
            assert not thread.is_alive()


def _serve(server: socket.socket, host: Host, tls: ssl.SSLContext | None) -> None:
    for connection in _connections(server):
        host.connection_count += 1
        with suppress(OSError), closing(connection):  # a client that goes away is what many tests are about
            connection.settimeout(10)
            stream = tls.wrap_socket(connection, server_side=True) if tls else connection
            with closing(stream):
                host.requests.append(_request(stream))
                host.answers[min(len(host.requests), len(host.answers)) - 1](stream)


def _connections(server: socket.socket) -> Iterator[socket.socket]:
    with suppress(OSError):
        while True:
            yield server.accept()[0]


def _request(stream: socket.socket) -> bytes:
    received = b""
    while not received.endswith(b"\r\n\r\n"):
        data = stream.recv(65_536)
        if not data:
            raise ConnectionError("The client went away in the middle of its request.")
        received += data
    return received


def reply(status: str, body: bytes = b"", **headers: str) -> Answer:
    """Make an answer with its length; ``Content_Type`` names the header ``Content-Type``."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return raw("\r\n".join([*lines, "", ""]).encode() + body)


def file(body: bytes, **headers: str) -> Answer:
    """Make the answer that is hoped for."""
    return reply("200 OK", body, **headers)


def redirect(url: str, status: str = "302 Found") -> Answer:
    """Make a redirect."""
    return reply(status, b"elsewhere", Location=url)


def raw(data: bytes) -> Answer:
    """Make an answer out of exactly these bytes, after which the connection ends."""
    return lambda stream: stream.sendall(data)


def reset(stream: socket.socket) -> None:
    """Reset the connection."""
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def silence(stream: socket.socket) -> None:
    """Say nothing until the client has gone."""
    stream.recv(1)


def dripping(beginning: bytes, drop: bytes = b"x") -> Answer:
    """Make an answer that goes on for ever, a drop at a time, each as soon as the network takes it."""

    def answer(stream: socket.socket) -> None:
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream.sendall(beginning)
        while True:
            stream.sendall(drop)

    return answer
