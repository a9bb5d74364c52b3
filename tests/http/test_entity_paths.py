"""Taking the path of a query apart."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geostead.http.entity_paths import EntityPath, read_path

SHOPS = EntityPath("ab12", "Shops", "Shop", None)


@pytest.mark.parametrize(
    "path",
    [
        "/REST/v1/data/ab12/Shops/Shop",
        "/rest/V1/DATA/ab12/Shops/Shop",
        "//REST//v1/data///ab12//Shops/Shop//",
        "/%52EST/v1/d%61ta/ab12/%53hops/Sh%6Fp",
    ],
)
def test_fixed_words_and_slashes_do_not_matter(path: str) -> None:
    assert read_path(path.encode()) == SHOPS


@pytest.mark.parametrize(
    ("written", "entity_id"),
    [
        ("('1')", "1"),
        ("(%271%27)", "1"),
        ("%28%271%27%29", "1"),
        ("('it''s')", "it's"),
        ("('it%27%27s')", "it's"),
        ("('a%2Fb')", "a/b"),
        ("('a/b')", "a/b"),
        ("('a//b')", "a//b"),
        ("('%252F')", "%2F"),
        ("('%C3%A9')", "é"),
        ("('')", ""),
        ("(''''''')", None),
        ("('a')/", "a"),
        ("('(')')", None),
        ("('a(b)')", "a(b)"),
        ("('+')", "+"),
    ],
)
def test_an_entity_id_is_decoded_once_and_its_quotes_are_halved(written: str, entity_id: str | None) -> None:
    found = read_path(f"/REST/v1/data/ab12/Shops/Shop{written}".encode())
    assert (found.entity_id if found else None) == entity_id


@pytest.mark.parametrize(
    "path",
    [
        "/REST/v1/data",
        "/REST/v1/data/ab12/Shops",
        "/REST/v1/data/ab12/Shops/",
        "/REST/v1/data/ab12/Shops/$metadata",
        "/REST/v1/data/ab12/Shops/%24metadata",
        "/REST/v1/data/ab12/Shops/$commit",
        "/REST/v1/data/ab12/Shops/Shop/Shop",
        "/REST/v1/data/ab12/Shops/Shop(1)",
        "/REST/v1/data/ab12/Shops/Shop('1'",
        "/REST/v1/data/ab12/Shops/Shop('1')x",
        "/REST/v1/data/ab12/Shops/Shop('1'')",
        "/REST/v1/data/jobs/ab12/$getstatus",
        "/REST/v1/data/jobs/ab12/getstatus",
        "/REST/v1/data/JOBS/ab12/Shop('1')",
        "/REST/v1/data/%6Aobs/ab12/Shop",
        "/REST/v1/data/datasourcedownload/ab12/Shops",
        "/x/REST/v1/data/ab12/Shops/Shop",
        "",
    ],
)
def test_other_paths_are_left_to_others(path: str) -> None:
    assert read_path(path.encode()) is None


@pytest.mark.parametrize("word", ["jobs", "Jobs", "DataSourceDownload", "output", "ListJobs", "data", "commit"])
def test_fixed_words_of_other_urls_may_name_a_data_source_and_an_entity_type(word: str) -> None:
    assert read_path(f"/REST/v1/data/ab12/{word}/{word}".encode()) == EntityPath("ab12", word, word, None)
    assert read_path(f"/REST/v1/data/ab12/{word}/{word}('1')".encode()) == EntityPath("ab12", word, word, "1")
    assert read_path(f"/REST/v1/data/ab12/{word}/%{ord(word[0]):02x}{word[1:]}".encode()) is not None


@pytest.mark.parametrize("word", ["$commit", "$updateDataSource", "$metadata", "%24commit", "%24UpdateDataSource"])
def test_no_word_with_a_dollar_is_an_entity_type(word: str) -> None:
    assert read_path(f"/REST/v1/data/ab12/Shops/{word}".encode()) is None
    assert read_path(f"/REST/v1/data/ab12/{word}/Shop".encode()) is not None


def test_a_slash_that_is_encoded_does_not_separate() -> None:
    assert read_path(b"/REST/v1/data/ab12/Sh%2Fops/Shop") == EntityPath("ab12", "Sh/ops", "Shop", None)


@given(st.text(st.characters(codec="utf-8"), max_size=50), st.sampled_from(["~`!$^_={}-", "Shops"]))
def test_what_was_encoded_is_read_again(entity_id: str, name: str) -> None:
    doubled = quote(entity_id.replace("'", "''"), safe="")
    path = f"/REST/v1/data/ab12/{quote(name, safe='')}/Shop('{doubled}')"
    assert read_path(path.encode()) == EntityPath("ab12", name, "Shop", entity_id)


@given(st.binary(max_size=80))
def test_any_bytes_are_a_path(tail: bytes) -> None:
    found = read_path(b"/REST/v1/data/a/b/T" + tail)
    assert found is None or found.access_id


def test_a_path_of_slashes_is_read_in_no_time() -> None:
    assert read_path(b"/REST/v1/data/a/b/T" + b"/" * 60_000 + b"x") is None
    assert read_path(b"/REST/v1/data/a/b/T('" + b"''" * 30_000) is None
