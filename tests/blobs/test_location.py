"""How URLs are read: what two readers may take for different hosts is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geostead.blobs.location import Location, read_location, shown

TRICKS = [
    # other schemes, and no scheme
    "", "file:///etc/passwd", "ftp://files.example/a", "gopher://files.example/_a", "//files.example/a",
    "files.example/a", "http:/files.example/a", "http:files.example", "https:\\\\files.example\\a", "data:,a",
    # user and password, in all the places where they hide the host
    "http://files.example@evil.example/", "http://user:password@files.example/", "http://files.example\\@evil.example/",
    "http://files.example:80@evil.example/", "http://@files.example/", "http://files.example%40evil.example/",
    # characters that some readers drop or take for a slash
    "http://evil.example\\.files.example/", "http://files.ex\tample/", "http://files.example\r\nX-Header: 1/",
    "http://files.example\n.evil.example/", "\thttp://files.example/", " http://files.example/",
    "http://files.example /a", "http://files.example/a\0b", "http://files.example/\u2028",
    # names that are none
    "http:///a", "http://./a", "http://files..example/", "http://.files.example/", "http://-files.example/",
    "http://files.example../", "http://%66iles.example/", "http://files_1.example/",
    "http://a" + 63 * "b" + ".example/",
    "http://*.example/", "http://" + 127 * "a." + "example/", "http://\u2100.example/", "http://a\u200db.example/",
    # ports
    "http://files.example:0/", "http://files.example:65536/", "http://files.example:8 0/", "http://files.example:-1/",
    "http://files.example:80:80/", "http://files.example:\u0663/", "http://files.example:0x50/",
    # addresses in the spellings of 127.0.0.1 that only some resolvers know
    "http://2130706433/", "http://0x7f.1/", "http://0x7f000001/", "http://017700000001/", "http://127.1/",
    "http://0177.0.0.1/", "http://127.0.0.01/", "http://0x7f.0x0.0x0.0x1/", "http://127.0.0.1.1/", "http://0/",
    "http://files.1/", "http://127.0.0.256/", "http://127.0.0.0x1/", "http://1.2.3.4.5.6/",
    "http://\u2460\u2461\u2466.0.0.1.1/",
    # IPv6: zones, no brackets, half brackets, what is none
    "http://[fe80::1%eth0]/", "http://[fe80::1%25eth0]/", "http://[::1/", "http://::1/", "http://[::1]a/", "http://[]/",
    "http://[v1.a]/", "http://[127.0.0.1]/", "http://a[::1]/", "http://[::1]]/", "http://[12345::]/",
]  # fmt: skip


@pytest.mark.parametrize("url", TRICKS)
def test_a_url_that_may_be_read_in_two_ways_is_refused(url: str):
    with pytest.raises(ValueError, match=r"URL|IPv6"):
        read_location(url)


def test_the_parts_of_a_url_are_those_that_are_sent():
    location = read_location("https://Files.Example:8443/a/b%20c?sig=a%2Bb&x=/?#fragment")

    assert location == Location("https", "files.example", 8443, "/a/b%20c", "?sig=a%2Bb&x=/?")
    assert (location.authority, location.target) == ("files.example:8443", "/a/b%20c?sig=a%2Bb&x=/?")


@pytest.mark.parametrize(
    ("url", "host", "authority"),
    [
        ("HTTP://FILES.EXAMPLE", "files.example", "files.example"),
        ("http://files.example.:80/", "files.example", "files.example"),
        ("https://files.example:/", "files.example", "files.example"),
        ("https://files.example:80", "files.example", "files.example:80"),
        ("http://192.0.2.1:8080/", "192.0.2.1", "192.0.2.1:8080"),
        ("http://192.0.2.1./", "192.0.2.1", "192.0.2.1"),
        ("http://[2001:DB8:0::1]/", "2001:db8::1", "[2001:db8::1]"),
        ("http://[::ffff:127.0.0.1]:81/", "::ffff:7f00:1", "[::ffff:7f00:1]:81"),
        ("http://bücher.example/", "xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("http://straße.example/", "xn--strae-oqa.example", "xn--strae-oqa.example"),
        ("http://\uff26\uff29\uff2c\uff25\uff33\u3002example/", "files.example", "files.example"),
        ("http://\uff11\uff12\uff17.0.0.1/", "127.0.0.1", "127.0.0.1"),
    ],
)
def test_every_spelling_of_a_host_becomes_the_one_that_is_checked(url: str, host: str, authority: str):
    location = read_location(url)

    assert (location.host, location.authority) == (host, authority)


def test_spaces_and_letters_of_path_and_query_are_encoded_and_what_is_encoded_stays():
    location = read_location("http://files.example/caf\u00e9 1%2F2/\\..?q=\u00fc d%20<e>")

    assert location.target == "/caf%C3%A9%201%2F2/%5C..?q=%C3%BC%20d%20%3Ce%3E"


@pytest.mark.parametrize(
    ("reference", "followed"),
    [
        ("other.txt?b=2", "https://files.example/a/other.txt?b=2"),
        ("/x", "https://files.example/x"),
        ("//other.example/x", "https://other.example/x"),
        ("http://other.example", "http://other.example/"),
        ("\\\\other.example\\x", "https://files.example/a/%5C%5Cother.example%5Cx"),
    ],
)
def test_a_redirect_may_be_relative(reference: str, followed: str):
    location = read_location("https://files.example/a/file.txt?sig=secret").joined(reference)

    assert f"{location}{location.query}" == followed


@pytest.mark.parametrize("reference", ["//user@other.example/", "ftp://other.example/", "/a\tb", "http://0x7f.1/"])
def test_a_redirect_is_read_as_strictly_as_the_first_url(reference: str):
    with pytest.raises(ValueError, match="URL"):
        read_location("https://files.example/").joined(reference)


def test_a_url_has_a_greatest_length():
    read_location("http://files.example/".ljust(4096, "a"))

    with pytest.raises(ValueError, match="at most 4,096 characters"):
        read_location("http://files.example/".ljust(4097, "a"))


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_and_reading_it_again_changes_nothing(text: str):
    try:
        location = read_location(f"http://{text}")
    except ValueError:
        return
    assert read_location(f"{location}{location.query}") == location


@given(st.text(max_size=20), st.text(alphabet="abcdefghij", min_size=8))
def test_no_query_and_no_password_is_shown(text: str, secret: str):
    secret = f"SECRET{secret}"

    for url in (f"http://u:{secret}@{text}", f"x://a/{text}?sig={secret}", f"{text}#{secret}", f"a:{secret}@{text}?"):
        assert secret not in shown(url)
    assert secret not in repr(read_location(f"http://files.example/?{secret}"))
