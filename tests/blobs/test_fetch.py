"""Files elsewhere: what may go wrong on purpose, then what goes wrong by itself, then what goes right."""

from __future__ import annotations

import gzip
import itertools
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import pytest
import trustme

from geostead import __version__
from geostead.blobs.fetch import MAX_REDIRECTS, PAUSES_S, HttpFiles, Surroundings
from geostead.blobs.watched_stream import Patience
from geostead.deadline import system_addresses
from geostead.errors import FetchFailed, InvalidParameter
from tests.remote_hosts import Host, dripping, file, raw, redirect, reply, reset, running_host, silence

BODY = b"Bing Spatial Data Services, 1.0, Place\n" * 5_000
SIGNED = "/files/places.txt?sv=2024&sig=SECRET%2Bsignature"
PATIENT = Patience()
IMPATIENT = Patience(connect_s=0.1, idle_s=0.05)


@dataclass
class Names:
    """A resolver that knows what it is told, and keeps what it was asked."""

    known: dict[str, Sequence[str]] = field(default_factory=lambda: {"files.example": ["127.0.0.1"]})
    asked: list[str] = field(default_factory=list)

    def __call__(self, host: str) -> Sequence[str]:
        self.asked.append(host)
        if host not in self.known:
            raise OSError("no such name")
        return self.known[host]


@dataclass
class Waits:
    """Keeps how long was to be waited, and does not."""

    waited_s: list[float] = field(default_factory=list)

    def __call__(self, pause_s: float) -> None:
        self.waited_s.append(pause_s)


def files_of(
    *allowed: str, names: Callable[[str], Sequence[str]] | None = None, patience: Patience = PATIENT, **more
) -> HttpFiles:
    """Make what is tested, with the tests' resolver and without pauses."""
    surroundings = replace(Surroundings(resolve=names or Names(), wait_s=Waits()), **more)
    return HttpFiles(allowed or ("files.example",), patience, surroundings)


def fetched(files: HttpFiles, url: str) -> bytes:
    """Return the whole file."""
    with files.fetch(url) as pieces:
        return b"".join(pieces)


def refusal(files: HttpFiles, url: str) -> str:
    """Return the words in which a fetch fails."""
    with pytest.raises(FetchFailed) as caught:
        fetched(files, url)
    words = str(caught.value)
    assert "SECRET" not in words
    assert "?" not in words
    return words


@pytest.fixture
def host() -> Iterator[Host]:
    with running_host(file(BODY)) as host:
        yield host


# Addresses


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "::ffff:127.0.0.1",
        "169.254.169.254",
        "10.0.0.1",
        "100.64.0.1",
        "0.0.0.0",
        "::1",
        "::",
        "fe80::1%1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::1",
    ],
)
def test_a_name_of_an_allowed_suffix_is_not_connected_to_at_an_address_that_is_not_public(host: Host, address: str):
    names = Names({"evil.example": [address]})

    words = refusal(files_of("*.example", names=names), host.url(SIGNED, name="evil.example"))

    assert words.endswith("its host has an address that the operator does not allow.")
    assert host.connection_count == 0


def test_one_bad_address_among_good_ones_is_enough_to_refuse(host: Host):
    names = Names({"evil.example": ["127.0.0.1", "127.0.0.2"]})

    refusal(files_of("127.0.0.1", names=names), host.url(name="evil.example"))

    assert host.connection_count == 0


def test_a_host_is_allowed_when_all_its_addresses_are_listed(host: Host):
    names = Names({"any.example": ["127.0.0.1"]})

    assert fetched(files_of("127.0.0.0/8", names=names), host.url(name="any.example")) == BODY


def test_a_listed_address_may_stand_in_the_url(host: Host):
    assert fetched(files_of("127.0.0.1"), host.url(name="127.0.0.1")) == BODY


def test_a_name_is_looked_up_once_and_the_address_that_was_checked_is_connected_to(host: Host):
    """DNS rebinding: the second answer is another one than the first."""
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])

    with running_host(file(b"rebound"), address="127.0.0.2", port=host.port) as other:
        body = fetched(files_of("127.0.0.1", names=lambda _: next(answers)), host.url(name="rebinding.example"))

    assert body == BODY
    assert other.connection_count == 0
    assert next(answers) == ["127.0.0.2"]


def test_attempts_after_the_first_look_nothing_up_again():
    names = Names()

    with running_host(reset, reply("503 Busy"), file(BODY)) as host:
        assert fetched(files_of(names=names), host.url()) == BODY

    assert names.asked == ["files.example"]


def test_a_host_that_is_not_listed_is_not_even_looked_up(host: Host):
    names = Names({"evil.example": ["127.0.0.1"]})

    words = refusal(files_of(names=names), host.url(SIGNED, name="evil.example"))

    assert words == f"{host.url(name='evil.example')} cannot be fetched: the operator does not allow its host."
    assert names.asked == []


@pytest.mark.parametrize("spelling", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "[::ffff:127.0.0.1%25lo]"])
def test_addresses_in_strange_spellings_are_refused_whatever_is_listed(host: Host, spelling: str):
    files = files_of("127.0.0.0/8", "::/0", names=system_addresses)

    with pytest.raises(InvalidParameter, match="dataLocation"):
        files.check(host.url(name=spelling))
    refusal(files, host.url(name=spelling))

    assert host.connection_count == 0


def test_the_next_address_is_tried_when_one_does_not_answer(host: Host):
    names = Names({"files.example": ["127.0.0.3", "127.0.0.1"]})

    assert fetched(files_of(names=names), host.url()) == BODY


@pytest.mark.parametrize("names", [Names({}), Names({"files.example": []})], ids=["no such name", "no address"])
def test_a_host_without_an_address_is_named(names: Names):
    words = refusal(files_of(names=names), f"http://files.example{SIGNED}")

    assert (
        words == "http://files.example/files/places.txt cannot be fetched: its host has no address that is known here."
    )


def test_the_system_knows_the_addresses_of_this_machine():
    assert set(system_addresses("localhost")) & {"127.0.0.1", "::1"}


# Redirects


def test_a_redirect_to_a_host_that_is_not_allowed_is_not_followed(host: Host):
    names = Names({"files.example": ["127.0.0.1"], "evil.example": ["127.0.0.1"]})

    with running_host(redirect(host.url(SIGNED, name="evil.example"))) as first:
        words = refusal(files_of(names=names), first.url())

    assert "evil.example" in words
    assert host.connection_count == 0
    assert names.asked == ["files.example"]


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]", "0x7f.1", "files.example@127.0.0.1"])
def test_a_redirect_into_the_machine_is_not_followed(host: Host, name: str):
    names = Names({"files.example": ["127.0.0.1"], "localhost": ["127.0.0.1"]})

    with running_host(redirect(host.url(SIGNED, name=name))) as first:
        refusal(files_of(names=names), first.url())

    assert host.connection_count == 0


def test_a_redirect_to_the_same_name_is_looked_up_and_checked_anew():
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])

    with running_host(redirect("/other"), file(BODY)) as first:
        refusal(files_of("127.0.0.1", names=lambda _: next(answers)), first.url())

    assert first.connection_count == 1


def test_a_redirect_is_followed_and_nothing_of_the_first_url_is_passed_on(host: Host):
    names = Names({"files.example": ["127.0.0.1"], "other.example": ["127.0.0.1"]})

    with running_host(reply("302 Found", Location=host.url("/b?t=1", name="other.example"), Set_Cookie="a=b")) as first:
        assert fetched(files_of("files.example", "other.example", names=names), first.url(SIGNED)) == BODY

    assert host.target() == "/b?t=1"
    assert host.headers().keys() == {"host", "user-agent", "accept", "accept-encoding", "connection"}
    assert b"SECRET" not in host.requests[0]


@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"]
)
def test_five_redirects_are_followed(status: str):
    answers = [redirect(f"/{hop}", status) for hop in range(MAX_REDIRECTS)]

    with running_host(*answers, file(BODY)) as host:
        assert fetched(files_of(), host.url()) == BODY

    assert host.target() == f"/{MAX_REDIRECTS - 1}"


def test_redirects_in_a_circle_end():
    with running_host(redirect(SIGNED)) as host:
        assert refusal(files_of(), host.url()).endswith("there were more than 5 redirects.")

    assert host.connection_count == MAX_REDIRECTS + 1


@pytest.mark.parametrize("location", ["", "ftp://files.example/", "http://a:SECRET@files.example/", "http://[::1"])
def test_a_redirect_to_what_is_no_url_is_refused(location: str):
    with running_host(redirect(location)) as host:
        assert "redirects" in refusal(files_of(), host.url())


# Time and size


@pytest.fixture
def quick_clock() -> Callable[[], float]:
    """A clock in which ten seconds go by between two looks at it."""
    ticks = itertools.count(step=10)
    return lambda: float(next(ticks))


def test_a_host_that_drips_is_left(quick_clock: Callable[[], float]):
    """Whoever sends a byte now and then is never idle, but too slow."""
    patience = Patience(total_s=1e9)

    with running_host(dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")) as host:
        words = refusal(files_of(patience=patience, now_s=quick_clock), host.url(SIGNED))

    assert words.endswith("its host took too long.")


@pytest.mark.parametrize(
    ("beginning", "drop"),
    [
        (b"HTTP/1.1 200 OK\r\n", b"X-Header: 1\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 200 ", b"O"),
    ],
    ids=["headers", "interim answers", "one line"],
)
def test_headers_that_go_on_for_ever_are_left(beginning: bytes, drop: bytes, quick_clock: Callable[[], float]):
    with running_host(dripping(beginning, drop)) as host:
        refusal(files_of(patience=Patience(total_s=1e9), now_s=quick_clock), host.url(SIGNED))

    assert host.connection_count == 1


def test_headers_of_any_size_are_not_kept():
    with running_host(dripping(b"HTTP/1.1 200 OK\r\n", b"X-Header: 1\r\n" * 1_000)) as host:
        refusal(files_of(), host.url(SIGNED))


def test_a_file_that_comes_fast_but_never_ends_is_left_after_the_whole_time(quick_clock: Callable[[], float]):
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

    with running_host(dripping(head, b"10000\r\n" + b"x" * 65_536 + b"\r\n")) as host:
        words = refusal(files_of(now_s=quick_clock), host.url(SIGNED))

    assert words.endswith("its host took too long.")


def test_a_host_that_says_nothing_is_left():
    with running_host(silence) as host:
        assert refusal(files_of(patience=IMPATIENT), host.url(SIGNED)).endswith("its host took too long.")

    assert host.connection_count == 1


def test_a_host_that_falls_silent_in_the_middle_is_left():
    def half(stream):
        stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        silence(stream)

    with running_host(half) as host:
        assert refusal(files_of(patience=IMPATIENT), host.url(SIGNED)).endswith("its host took too long.")


def test_whoever_reads_may_stop_whenever_there_is_enough():
    head = b"HTTP/1.1 200 OK\r\n\r\n"

    with running_host(dripping(head, b"x" * 65_536)) as host, files_of().fetch(host.url()) as pieces:
        size_bytes = 0
        while size_bytes < 1_000_000:
            size_bytes += len(next(pieces))

    assert host.connection_count == 1


def test_a_slow_reader_is_not_taken_for_a_slow_host():
    """The rate counts over the time spent waiting for the host, not over that of whoever reads."""
    now_s = [0.0]

    with running_host(file(BODY * 10)) as host:
        files = files_of(now_s=lambda: now_s[0], patience=Patience(total_s=1e9, grace_s=1))
        with files.fetch(host.url()) as pieces:
            received = b""
            for piece in pieces:
                received += piece
                now_s[0] += 1_000

    assert received == BODY * 10


# What goes wrong by itself


@pytest.mark.parametrize("trouble", [reset, raw(b""), reply("500 Oops"), reply("503 Busy")])
def test_a_passing_trouble_before_the_file_is_waited_out(trouble):
    waits = Waits()

    with running_host(trouble, trouble, file(BODY)) as host:
        assert fetched(files_of(wait_s=waits), host.url()) == BODY

    assert waits.waited_s == list(PAUSES_S)


def test_a_trouble_that_does_not_pass_is_told_after_the_third_attempt():
    with running_host(reply("503 Busy", b"SECRET")) as host:
        words = refusal(files_of(), host.url(SIGNED))

    assert words == f"{host.url()} cannot be fetched: its host answered 503 Service Unavailable; expected 200 OK."
    assert host.connection_count == 3


def test_a_host_that_does_not_answer_at_all_is_told_after_the_third_attempt():
    waits = Waits()
    with running_host(file(b"")) as host:
        url = host.url(SIGNED)

    assert refusal(files_of(wait_s=waits), url).endswith("no connection to its host could be made.")
    assert waits.waited_s == list(PAUSES_S)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("403 Forbidden", "answered 403 Forbidden; a signature is missing, wrong or has expired."),
        (
            "404 Nope",
            "answered 404 Not Found; there is no such file, or it is not public and the URL has no signature.",
        ),
        ("409 C", "answered 409 Conflict; the storage account may allow no access without a signature."),
        ("401 Unauthorized", "answered 401 Unauthorized; expected 200 OK."),
        ("204 No Content", "answered 204 No Content; expected 200 OK."),
        ("206 Partial", "answered 206 Partial Content; expected 200 OK."),
        ("304 Not Modified", "answered 304 Not Modified; expected 200 OK."),
        ("429 SECRET", "answered 429 Too Many Requests; expected 200 OK."),
        ("599 SECRET", "answered 599; expected 200 OK."),
    ],
)
def test_any_other_status_than_200_is_told_and_not_tried_again(status: str, words: str):
    with running_host(reply(status)) as host:
        assert refusal(files_of(), host.url(SIGNED)).endswith(words)

    assert host.connection_count == 1


def test_the_code_of_an_azure_error_is_told_and_its_text_is_not():
    with running_host(reply("403 SECRET", b"SECRET", x_ms_error_code="AuthenticationFailed")) as host:
        words = refusal(files_of(), host.url(SIGNED))

    assert "answered 403 Forbidden (AuthenticationFailed); a signature" in words


def test_what_looks_like_the_code_of_an_azure_error_is_not_told_if_it_is_none():
    with running_host(reply("403 No", x_ms_error_code="SECRET?sig=1")) as host:
        assert "(" not in refusal(files_of(), host.url(SIGNED))


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nSECRET",
    ],
    ids=["length", "chunks", "no chunk"],
)
def test_a_file_that_breaks_off_is_not_taken_for_whole_and_not_begun_anew(answer: bytes):
    with running_host(raw(answer)) as host:
        assert "broke off" in refusal(files_of(), host.url(SIGNED))

    assert host.connection_count == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.2 SECRET\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nab",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\nab",
    ],
)
def test_what_is_not_http_is_told(answer: bytes):
    with running_host(raw(answer)) as host:
        assert "cannot be fetched" in refusal(files_of(), host.url(SIGNED))


# TLS


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def server_context(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


def client_context(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def test_the_certificate_is_that_of_the_name_although_the_address_is_connected_to(authority: trustme.CA):
    with running_host(file(BODY), tls=server_context(authority, "files.example")) as host:
        files = files_of(trust=lambda: client_context(authority))
        assert fetched(files, host.url(SIGNED, name="FILES.example.", scheme="https")) == BODY

    assert host.server_names == ["files.example"]
    assert host.headers()["host"] == f"files.example:{host.port}"
    assert host.target() == SIGNED


@pytest.mark.parametrize("name", ["other.example", "127.0.0.1"])
def test_a_certificate_of_another_name_is_refused_at_once(authority: trustme.CA, name: str):
    with running_host(file(BODY), tls=server_context(authority, name)) as host:
        files = files_of(trust=lambda: client_context(authority))
        words = refusal(files, host.url(SIGNED, scheme="https"))

    assert "certificate is not accepted (Hostname mismatch" in words
    assert host.connection_count == 1
    assert host.requests == []


def test_a_certificate_of_nobody_known_is_refused(authority: trustme.CA):
    with running_host(file(BODY), tls=server_context(authority, "files.example")) as host:
        assert "certificate is not accepted" in refusal(files_of(), host.url(SIGNED, scheme="https"))

    assert host.requests == []


def test_a_host_that_does_not_speak_tls_is_told():
    with running_host(file(BODY)) as host:
        assert "cannot be fetched" in refusal(files_of(patience=IMPATIENT), host.url(SIGNED, scheme="https"))


def test_https_never_becomes_http(authority: trustme.CA, host: Host):
    with running_host(redirect(host.url(SIGNED)), tls=server_context(authority, "files.example")) as first:
        files = files_of(trust=lambda: client_context(authority))
        words = refusal(files, first.url(scheme="https"))

    assert words.endswith("it redirects from https to http.")
    assert host.connection_count == 0


def test_http_may_become_https(authority: trustme.CA):
    files = files_of(trust=lambda: client_context(authority))

    with (
        running_host(file(BODY), tls=server_context(authority, "files.example")) as last,
        running_host(redirect(last.url(scheme="https"))) as first,
    ):
        assert fetched(files, first.url()) == BODY


# What is sent, and what comes


def test_the_environment_changes_nothing(host: Host, monkeypatch: pytest.MonkeyPatch, tmp_path):
    with running_host(reply("502 Proxy")) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        (tmp_path / ".netrc").write_text("machine files.example login u password SECRET\n")
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))

        assert fetched(files_of(), host.url()) == BODY

    assert proxy.connection_count == 0
    assert "authorization" not in host.headers()


def test_the_request_is_a_plain_get(host: Host):
    fetched(files_of(), host.url(SIGNED))

    assert host.requests[0].startswith(f"GET {SIGNED} HTTP/1.1\r\n".encode())
    assert host.headers() == {
        "host": f"files.example:{host.port}",
        "user-agent": f"geostead/{__version__}",
        "accept": "*/*",
        "accept-encoding": "identity",
        "connection": "close",
    }


@pytest.mark.parametrize("encoding", ["gzip", "identity", "br"])
def test_the_file_comes_as_it_is_whatever_the_host_says_about_its_encoding(encoding: str):
    packed = gzip.compress(BODY)

    with running_host(file(packed, Content_Encoding=encoding)) as host:
        assert fetched(files_of(), host.url()) == packed


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nAll \r\n6\r\nof it.\r\n0\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n\r\nAll of it.",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nAll of it.and more",
    ],
)
def test_a_file_may_come_in_any_framing(head: bytes):
    with running_host(raw(head)) as host:
        assert fetched(files_of(), host.url()) == b"All of it."


def test_an_empty_file_is_a_file():
    with running_host(file(b"")) as host:
        assert fetched(files_of(), host.url()) == b""


def _has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@pytest.mark.skipif(not _has_ipv6(), reason="this machine has no IPv6")
def test_an_ipv6_address_works_where_it_is_listed():
    with running_host(file(BODY), address="::1") as host:
        assert fetched(files_of("::1"), host.url(name="[::1]")) == BODY

    assert host.headers()["host"] == f"[::1]:{host.port}"


# Before the job


@pytest.mark.parametrize(
    ("url", "found", "expected"),
    [
        (f"https://evil.example{SIGNED}", "https://evil.example/files/places.txt", "a URL on a host that the operator"),
        (f"http://127.0.0.1{SIGNED}", "http://127.0.0.1/files/places.txt", "a URL on a host that the operator allows"),
        ("ftp://files.example/a?sig=SECRET", "ftp://files.example/a", "a URL that begins with http:// or https://"),
        ("http://u:SECRET@files.example/", "http:…", "a URL without user and password"),
        ("http://bücher.example:99999/?SECRET", "http://bücher.example:99999/", "at most a port from 1 to 65,535"),
    ],
)
def test_what_can_be_refused_at_once_is_refused_without_its_secrets(url: str, found: str, expected: str):
    names = Names()

    with pytest.raises(InvalidParameter, match=r"^dataLocation: ") as caught:
        files_of(names=names).check(url)

    assert (caught.value.parameter, caught.value.found) == ("dataLocation", found)
    assert expected in caught.value.expected
    assert "SECRET" not in str(caught.value)
    assert names.asked == []


def test_a_url_on_an_allowed_host_passes_without_asking_anybody():
    names = Names()

    assert files_of(names=names).check(f"https://files.example{SIGNED}") is None
    assert names.asked == []
