"""From whose pages a key may be used, and the disguises of other pages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geostead.errors import InvalidParameter, NotAuthorized
from geostead.model.access import Key
from geostead.model.referrer import check_referrer, host_of, read_referrers

LABELS = st.from_regex(r"[a-z][a-z0-9]{0,9}", fullmatch=True)
HOSTS = st.lists(LABELS, min_size=2, max_size=4).map(".".join)


def key(*referrers: str) -> Key:
    return Key("id", "account", "web", "0" * 64, datetime(2026, 3, 1, tzinfo=UTC), referrers=read_referrers(referrers))


def may_use(page: str | None, *referrers: str) -> bool:
    try:
        check_referrer(key(*referrers), page)
    except NotAuthorized:
        return False
    return True


@pytest.mark.parametrize(
    "page",
    [
        "https://www.example.com",
        "https://www.example.com/",
        "http://www.example.com/map?x=1#there",
        "https://www.example.com:8443/a",
        "HTTPS://WWW.Example.COM/",
        "https://www.example.com./",
        "https://www.example.com?next=https://evil.com/",
        "https://www.example.com/@evil.com/",
    ],
)
def test_pages_of_the_host_may_use_the_key_whatever_their_scheme_port_path_and_case(page: str) -> None:
    assert may_use(page, "www.example.com")


@pytest.mark.parametrize(
    "page",
    [
        None,
        "",
        "null",
        "www.example.com",
        "//www.example.com/",
        "https://evil.com/https://www.example.com/",
        "https://evil.com/?www.example.com",
        "https://evil.com#www.example.com",
        "https://www.example.com@evil.com/",
        "https://evil.com@www.example.com/",
        "https://user:password@www.example.com/",
        "https://evil.com\\@www.example.com/",
        "https://evil.com\\.www.example.com/",
        "https://www.example.com\\evil.com/",
        "https://www.example.com.evil.com/",
        "https://evil-www.example.com/",
        "https://www.example.com%2eevil.com/",
        "https://www.example.com%00.evil.com/",
        "https://www.example.com\n.evil.com/",
        "https://www.example.com:99999999/",
        "https://www.example.com:@evil.com/",
        "https://www.exam\u00adple.com/",
        "https://\uff57ww.example.com/",
        "https://www.ex\u0430mple.com/",
        "https://example.com/",
        "https://www.example.com../",
        " https://www.example.com/",
        "javascript://www.example.com/%0aalert(1)",
        "ftp://www.example.com/",
    ],
)
def test_nothing_else_may_whatever_it_looks_like(page: str | None) -> None:
    assert not may_use(page, "www.example.com")


@pytest.mark.parametrize(
    ("page", "may"),
    [
        ("https://www.example.com/", True),
        ("https://a.b.example.com/", True),
        ("https://example.com/", False),
        ("https://evil-example.com/", False),
        ("https://evilexample.com/", False),
        ("https://example.com.evil.com/", False),
        ("https://.example.com.evil.com/", False),
    ],
)
def test_a_suffix_stands_for_what_is_below_it_and_for_nothing_that_ends_alike(page: str, may: bool) -> None:
    assert may_use(page, "*.example.com") is may


def test_a_key_without_referrers_may_be_used_from_anywhere() -> None:
    assert may_use(None)
    assert may_use("https://evil.com/")


def test_the_message_tells_what_is_allowed_and_what_came() -> None:
    with pytest.raises(NotAuthorized, match=r"pages of \*\.example\.com, localhost; this one is of evil\.com\.$"):
        check_referrer(key("*.example.com", "localhost"), "https://evil.com/")
    with pytest.raises(NotAuthorized, match="does not say from which page it comes"):
        check_referrer(key("localhost"), None)


def test_hosts_are_kept_in_lower_case_as_on_the_wire_and_once() -> None:
    hosts = [" WWW.Example.com ", "", "www.example.com.", "*.bücher.example", "127.0.0.1"]
    assert read_referrers(hosts) == ("www.example.com", "*.xn--bcher-kva.example", "127.0.0.1")
    assert may_use("https://shop.xn--bcher-kva.example/", "*.Bücher.example")


@pytest.mark.parametrize(
    "host",
    [
        *(
            "https://www.example.com",
            "www.example.com/map",
            "www.example.com:443",
            "*",
            "*.",
            "a.*.com",
            "*example.com",
        ),
        *("a b", "-a.com", "a..com", "a@b.com", "x" * 64 + ".com", "[::1]", "bü cher.example", "\u200b.com"),
    ],
)
def test_what_is_no_host_is_refused(host: str) -> None:
    with pytest.raises(InvalidParameter, match="referrers"):
        read_referrers([host])


def test_there_are_at_most_fifty() -> None:
    read_referrers([f"h{number}.example" for number in range(50)])
    with pytest.raises(InvalidParameter, match="at most 50"):
        read_referrers([f"h{number}.example" for number in range(51)])


@given(allowed=HOSTS, other=HOSTS, port=st.none() | st.integers(1, 65535))
def test_a_page_may_use_the_key_exactly_if_its_host_is_the_one(allowed: str, other: str, port: int | None) -> None:
    page = f"https://{other}{'' if port is None else f':{port}'}/"
    assert host_of(page) == other
    assert may_use(page, allowed) is (other == allowed)
    assert may_use(page, f"*.{allowed}") is other.endswith(f".{allowed}")
