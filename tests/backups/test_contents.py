"""The contents of a backup are read as they were written, and nothing else is."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geostead.backups.contents import Contents, StoredFile

ids = st.text("0123456789abcdef-", min_size=1, max_size=40)
files = st.builds(StoredFile, st.integers(0, 2**50), st.text("0123456789abcdef", min_size=64, max_size=64))
contents = st.builds(
    Contents,
    taken_at=st.datetimes(timezones=st.just(UTC)),
    accounts=st.frozensets(ids),
    catalog=ids,
    catalog_file=files,
    snapshots=st.frozensets(ids),
    blobs=st.dictionaries(ids.map("logs/{}".format), files),
    missing=st.lists(ids).map(tuple),
)
SMALL = Contents(datetime(2026, 3, 1, tzinfo=UTC), frozenset({"a"}), "c", StoredFile(1, "00"), frozenset(), {})


@given(contents)
def test_what_is_written_is_read_back(written: Contents) -> None:
    assert Contents.decode(written.encode()) == written


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"null", b"7", b"\xff", SMALL.encode()[:-3]])
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        Contents.decode(data)


@pytest.mark.parametrize("name", sorted(orjson.loads(SMALL.encode())))
def test_every_member_has_to_be_there_and_of_its_kind(name: str) -> None:
    document = orjson.loads(SMALL.encode())
    for wrong in (document | {name: None}, {n: v for n, v in document.items() if n != name}):
        with pytest.raises(ValueError, match=r"layout None|not the contents of a backup"):
            Contents.decode(orjson.dumps(wrong))


def test_a_layout_of_a_newer_program_is_named() -> None:
    document = orjson.loads(SMALL.encode()) | {"layout": 2}
    with pytest.raises(ValueError, match="layout 2; this program reads layout 1"):
        Contents.decode(orjson.dumps(document))
