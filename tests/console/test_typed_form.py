"""Forms as somebody sends them who means no good: large, with files, slowly."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import anyio
import httpx
import pytest

from geostead.console import page
from geostead.console.typed_form import MAX_BYTES_OF_STRANGERS
from geostead.model.limits import PROFILES
from geostead.model.person import Role
from geostead.operations.create_account import create_account
from geostead.operations.create_person import create_person
from geostead.operations.keep_upload import keep_upload
from geostead.operations.services import Services
from geostead.operations.start_load import Upload
from tests.passwords import CountingHasher
from tests.visitors import Visitor, console_of, serving

PASSWORD = "correct horse battery"
SIGN_IN = "/console/sign-in"
UPLOAD = "/console/accounts/acme/uploads/new"
PARTS = {"content-type": "multipart/form-data; boundary=b"}
PIECE = 2**16


@dataclass
class Sender:
    """Sends pieces, and counts how many were taken."""

    piece: bytes = bytes(PIECE)
    most: int = 5_000
    taken: int = 0

    async def pieces(self) -> AsyncIterator[bytes]:
        for _ in range(self.most):
            self.taken += 1
            yield self.piece


def posted(services: Services, content: AsyncIterator[bytes] | bytes, headers: dict[str, str]) -> httpx.Response:
    """Send a form to the page to sign in at, as a stranger."""

    async def post() -> httpx.Response:
        transport = httpx.ASGITransport(console_of(services))
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            return await client.post(SIGN_IN, content=content, headers=headers)

    return anyio.run(post)


def test_of_a_form_without_an_end_no_more_is_kept_than_a_form_has(services: Services) -> None:
    sender = Sender(b"a=%s&" % (b"x" * PIECE))
    reply = posted(services, sender.pieces(), {"content-type": "application/x-www-form-urlencoded"})
    assert reply.status_code == 413
    assert f"{MAX_BYTES_OF_STRANGERS:,}" in reply.text
    assert sender.taken * PIECE <= 2 * page.MAX_DRAINED_BYTES


def test_a_form_that_takes_no_file_keeps_none(services: Services) -> None:
    head = b'--b\r\ncontent-disposition: form-data; name="a"; filename="a"\r\n\r\n'
    reply = posted(services, head + bytes(100) + b"\r\n--b--\r\n", PARTS)
    assert reply.status_code == 400
    assert "Too many files" in reply.text


@pytest.fixture
def editor(services: Services, hasher: CountingHasher) -> Iterator[Visitor]:
    create_account(services, "acme", PROFILES["self-hosted"])
    person = create_person(services, "ada@example.com", PASSWORD, account_name="acme", role=Role.EDITOR)
    with serving(console_of(services)) as url:
        visitor = Visitor(url)
        assert visitor.sign_in(person.email, PASSWORD).status_code == 303
        yield visitor


@contextmanager
def begun(visitor: Visitor, count: int) -> Iterator[list[socket.socket]]:
    """Begin to send files, and send nothing more until the block is left."""
    address = urlsplit(visitor.url)
    head = (
        f"POST {UPLOAD} HTTP/1.1\r\nHost: {address.netloc}\r\nCookie: geostead_session={visitor.cookie()}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000000\r\n\r\n--b\r\n"
    )
    with ExitStack() as stack:
        senders = [
            stack.enter_context(socket.create_connection((address.hostname, address.port), timeout=30))
            for _ in range(count)
        ]
        for sender in senders:
            sender.sendall(head.encode())
        yield senders


def test_who_sends_files_slowly_keeps_nobody_from_the_other_pages(editor: Visitor) -> None:
    threads = 40  # that anyio has for everybody
    with begun(editor, 2 * threads):
        assert editor.is_in
        assert editor.read("/REST/v1/data").status_code == 401


def test_who_sends_a_file_too_slowly_is_not_waited_for(editor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "PATIENCE_S", 0.05)
    with begun(editor, page.CONCURRENT_FILES + 1) as senders:
        assert {sender.recv(100).split(b"\r\n")[0] for sender in senders} == {b"HTTP/1.1 408 Request Timeout"}


def test_a_form_about_a_table_that_is_none_is_as_one_about_no_table(editor: Visitor, services: Services) -> None:
    account = services.catalog.find_account("acme")
    person = services.catalog.find_person("ada@example.com")
    assert account is not None
    assert person is not None
    kept = keep_upload(services, account, person, "a.csv", Upload([b"id,lat,lon\n1,2,3\n"]))
    for known_form in ("[" * 100_000, "{", "[]", "{}", '{"format": "text", "x": 1}', "1", "null", ""):
        sent = editor.send(f"/console/accounts/acme/uploads/{kept.id}", {"known_form": known_form})
        assert (sent.status_code, "a.csv" in sent.text) == (200, True), known_form
