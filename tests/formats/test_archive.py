from __future__ import annotations

import contextlib
import gzip
import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geostead.errors import LimitReached, UnreadableUpload
from geostead.formats.archive import open_data_file
from tests.formats.reading import uploaded

TEXT = b"Bing Spatial Data Services, 1.0, Shops\n" * 300


def zip_of(**files: bytes) -> bytes:
    return zip_with({name.replace("_", "."): data for name, data in files.items()})


def zip_with(files: dict[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return sink.getvalue()


def read(data: bytes, max_bytes: int = 10**9) -> bytes:
    with open_data_file(uploaded(data), max_bytes) as data_file:
        return b"".join(iter(lambda: data_file.read(1000), b""))


def refusal(data: bytes) -> str:
    with pytest.raises(UnreadableUpload) as raised:
        read(data)
    return str(raised.value)


def test_plain_bytes_come_as_they_are() -> None:
    assert read(TEXT) == TEXT


def test_gzip_is_unpacked() -> None:
    assert read(gzip.compress(TEXT)) == TEXT


def test_a_gzip_of_several_members_is_one_file() -> None:
    assert read(gzip.compress(TEXT) + gzip.compress(b"more")) == TEXT + b"more"


def test_the_only_file_of_a_zip_is_unpacked() -> None:
    assert read(zip_of(shops_csv=TEXT)) == TEXT


def test_folders_and_what_operating_systems_add_do_not_count_as_files() -> None:
    files = {"data/": b"", "data/shops.csv": TEXT, "__MACOSX/data/._shops.csv": b"\0\0", "data/.DS_Store": b"\0"}

    assert read(zip_with(files)) == TEXT


def test_a_byte_order_mark_is_dropped_also_inside_an_archive() -> None:
    assert read(b"\xef\xbb\xbf" + TEXT) == TEXT
    assert read(gzip.compress(b"\xef\xbb\xbf" + TEXT)) == TEXT


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lambda data: zip_of(a_csv=data)])
def test_unpacked_bytes_are_counted_against_the_limit(pack) -> None:
    assert read(pack(TEXT), len(TEXT)) == TEXT
    with pytest.raises(LimitReached, match="uncompressed upload bytes") as raised:
        read(pack(TEXT), len(TEXT) - 1)
    assert raised.value.maximum == len(TEXT) - 1


def test_a_bomb_is_given_up_as_soon_as_the_limit_is_passed() -> None:
    bomb = gzip.compress(bytes(b"a" * 50_000_000))

    with pytest.raises(LimitReached) as raised:
        read(bomb, 1_000_000)
    assert raised.value.value < 1_010_000


def test_a_gzip_of_several_members_is_counted_as_a_whole() -> None:
    with pytest.raises(LimitReached):
        read(gzip.compress(TEXT) * 3, 2 * len(TEXT))


def test_what_follows_a_gzip_is_damage_unless_it_is_padding() -> None:
    assert read(gzip.compress(TEXT) + bytes(512)) == TEXT
    assert "damaged or incomplete" in refusal(gzip.compress(TEXT) + b"more")


@pytest.mark.parametrize("kept", [0.3, 0.9, 0.999])
def test_a_truncated_gzip_is_said_to_be_damaged(kept: float) -> None:
    packed = gzip.compress(bytes(range(32, 127)) * 2000 + TEXT)

    assert "damaged or incomplete" in refusal(packed[: int(len(packed) * kept)])


def test_a_gzip_with_flipped_bits_is_said_to_be_damaged() -> None:
    packed = bytearray(gzip.compress(TEXT))
    packed[len(packed) // 2] ^= 0xFF

    assert "damaged or incomplete" in refusal(bytes(packed))


def test_a_truncated_zip_is_said_to_be_damaged() -> None:
    packed = zip_of(a_csv=TEXT)

    assert "damaged or incomplete" in refusal(packed[:-40])


def test_a_zip_with_flipped_bits_is_said_to_be_damaged() -> None:
    packed = bytearray(zip_of(a_csv=TEXT))
    packed[45] ^= 0xFF

    assert "damaged or incomplete" in refusal(bytes(packed))


def test_a_zip_of_several_data_files_is_refused_by_name() -> None:
    assert refusal(zip_of(a_csv=TEXT, b_csv=TEXT)) == (
        "The ZIP file must hold exactly one data file; found 2: 'a.csv', 'b.csv'."
    )


def test_a_zip_without_files_is_refused() -> None:
    assert "found 0: none" in refusal(zip_with({}))
    assert "found 0: none" in refusal(zip_with({"folder/": b""}))


@pytest.mark.parametrize("name", ["/etc/shops.csv", "../shops.csv", "a/../../b.csv", "C:\\shops.csv", "..\\shops.csv"])
def test_paths_that_lead_out_of_the_archive_are_refused(name: str) -> None:
    assert "leads outside" in refusal(zip_with({name: TEXT}))


def test_an_encrypted_entry_is_refused() -> None:
    packed = bytearray(zip_of(a_csv=TEXT))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        packed[packed.index(signature) + offset] |= 1

    assert "encrypted" in refusal(bytes(packed))


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_only_deflate_is_unpacked_because_the_others_unpack_without_bound(compression: int) -> None:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", compression) as archive:
        archive.writestr("a.csv", bytes(10_000_000))

    assert "standard (deflate) compression" in refusal(sink.getvalue())


def test_an_entry_may_be_stored_without_compression() -> None:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.csv", TEXT)

    assert read(sink.getvalue()) == TEXT


def test_a_zip_that_lists_entries_without_end_is_refused_before_they_are_read() -> None:
    packed = zip_with({f"{number:0100}": b"" for number in range(10_000)})

    assert "lists too many files" in refusal(packed)


@given(st.data())
@settings(deadline=None, max_examples=400)
def test_a_damaged_archive_is_unreadable_and_nothing_worse(data: st.DataObject) -> None:
    packed = bytearray(
        data.draw(st.sampled_from([zip_of(a_csv=TEXT), zip_with({"é/b.csv": TEXT}), gzip.compress(TEXT)]))
    )
    places = st.one_of(st.integers(0, len(packed) - 1), st.integers(max(0, len(packed) - 100), len(packed) - 1))
    for place in data.draw(st.lists(places, min_size=1, max_size=4)):
        packed[place] = data.draw(st.sampled_from([0, 1, 0x7F, 0x80, 0xFF]) | st.integers(0, 255))

    with contextlib.suppress(UnreadableUpload):
        assert len(read(bytes(packed))) < 100_000


def test_an_unusual_compression_is_refused_with_advice() -> None:
    packed = bytearray(zip_of(a_csv=TEXT))
    for signature, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        packed[packed.index(signature) + offset] = 9  # Deflate64

    assert "standard (deflate) compression" in refusal(bytes(packed))


@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(gzip.compress(TEXT)),
        gzip.compress(zip_of(a_csv=TEXT)),
        zip_of(a_gz=gzip.compress(TEXT)),
        zip_of(a_zip=zip_of(a_csv=TEXT)),
    ],
)
def test_archives_within_archives_are_refused(data: bytes) -> None:
    assert "archive within an archive" in refusal(data)


@pytest.mark.parametrize(
    "data",
    [
        zip_with({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500),
    ],
)
def test_an_excel_workbook_is_recognised(data: bytes) -> None:
    message = refusal(data)

    assert "looks like an Excel workbook" in message
    assert "CSV UTF-8" in message


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_recognised(encoding: str) -> None:
    assert "it looks like UTF-16" in refusal(TEXT.decode().encode(encoding))


def test_a_binary_file_is_recognised() -> None:
    assert "a binary file" in refusal(bytes(range(1, 256)) * 4)


def test_an_empty_upload_is_said_to_be_empty() -> None:
    assert refusal(b"") == "The upload is empty."
    assert refusal(gzip.compress(b"")) == "The upload is empty."
