from __future__ import annotations

import re
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geostead.errors import InvalidSchema, LimitReached, UnreadableUpload
from geostead.formats.delimited import reader as delimited
from tests.formats.reading import LINE_1, LINE_2, PIPE, TAB, load, load_rows, opened


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def refusal(data: str | bytes) -> str:
    with pytest.raises((InvalidSchema, UnreadableUpload)) as raised:
        load(data)
    return str(raised.value)


def test_entities_keep_the_order_of_the_upload() -> None:
    loaded = load_rows("b,B,1,2", "a,A,3,4")

    assert loaded.entities.to_pylist() == [
        {"ID": "b", "Name": "B", "Latitude": 1.0, "Longitude": 2.0},
        {"ID": "a", "Name": "A", "Latitude": 3.0, "Longitude": 4.0},
    ]
    assert loaded.rows == [0, 1]
    assert loaded.issues == []


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("is_last_line_ended", [True, False])
def test_all_line_ends_are_read(line_end: str, is_last_line_ended: bool) -> None:
    lines = (LINE_1 + LINE_2 + "a,A,1,2\n\nb,B,3,4").split("\n")

    loaded = load(line_end.join(lines) + line_end * is_last_line_ended)

    assert loaded.ids == ["a", "b"]
    assert loaded.issues == []


def test_blocks_that_are_cut_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    text = LINE_1 + LINE_2 + 'a,A,1,2\n\n\n\nb,"B\n\n",3,4\nc\n\nd,D,5,6\n\n\n'
    whole = load(text)
    monkeypatch.setattr(delimited, "MAX_CELLS", 1)
    cut = load(text)

    assert cut.ids == whole.ids == ["a", "b", "c", "d"]
    assert (cut.rows, cut.issues) == (whole.rows, whole.issues)


def test_bad_rows_take_memory_for_a_few_of_them_at_a_time() -> None:
    reader = opened((LINE_1 + LINE_2 + ",,x\n" * 200_000).encode())

    counts = [(batch.row_count, len(batch.issues)) for batch in reader.batches()]

    assert counts == [(delimited.BATCH_ROWS, delimited.BATCH_ROWS)] * 4


def test_short_rows_of_a_wide_schema_take_memory_for_a_few_of_them_at_a_time() -> None:
    wide = ",".join(["ID(Edm.String,primaryKey)", "Latitude(Edm.Double)", "Longitude(Edm.Double)"])
    wide += "".join(f",P{i}(Edm.String)" for i in range(349)) + "\n"
    reader = opened((LINE_1 + wide + "1\n" * 60_000).encode())
    tracemalloc.start()
    counts = [batch.row_count for batch in reader.batches()]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert sum(counts) == 60_000
    assert max(counts) <= delimited.MAX_CELLS // 352
    assert peak < 400 * 2**20


def test_a_file_of_header_lines_only_has_no_rows() -> None:
    assert load(LINE_1 + LINE_2).row_count == 0
    assert load(LINE_1 + LINE_2 + "\n  \n").row_count == 0


@pytest.mark.parametrize(("input_format", "delimiter"), [(TAB, "\t"), (PIPE, "|")])
def test_quotes_work_whatever_the_delimiter(input_format, delimiter: str) -> None:
    second = LINE_2.replace("),", ")" + delimiter)
    row = delimiter.join(["a", f'"x{delimiter}""y"""', "1", "2"])

    loaded = load(LINE_1 + second + row, input_format)

    assert loaded.entities.column("Name").to_pylist() == [f'x{delimiter}"y"']


def test_bad_rows_are_left_out_and_described() -> None:
    loaded = load_rows("a,A,1,2", "b,B,north,2", "c,C,1", "d,D,1,2,5", "e,E,91,2", "f,F,1,-180.5", "g,G,1,2")

    assert loaded.ids == ["a", "g"]
    assert loaded.rows == [0, 6]
    assert loaded.row_count == 7
    assert loaded.errors == [
        (1, "Latitude", "north", "a number such as -12.5 or 1e-3"),
        (2, "Longitude", "", "a value, as Latitude has one"),
        (3, "", "5 cells", "4 cells (a value with a , in it stands in quotes)"),
        (4, "Latitude", "91", "a number from -90 to 90"),
        (5, "Longitude", "-180.5", "a number from -180 to 180"),
    ]
    assert [issue.entity_id for issue in loaded.issues] == ["b", "c", "d", "e", "f"]


def test_a_row_with_several_faults_is_reported_once_with_the_first_property() -> None:
    loaded = load_rows(f"{'x' * 51},\x01,north,999")

    assert loaded.errors == [(0, "ID", "x" * 51, "an entity id of 1 to 50 characters")]


@pytest.mark.parametrize("entity_id", ["", " ", "\t \u00a0", "x" * 51])
def test_an_entity_id_has_1_to_50_characters(entity_id: str) -> None:
    assert load_rows(f"{entity_id},A,1,2").errors == [
        (0, "ID", entity_id.replace("\t", "\\t").replace("\xa0", "\\xa0"), "an entity id of 1 to 50 characters")
    ]


def test_an_entity_id_is_kept_as_it_is() -> None:
    assert load_rows(f" {'é' * 48} ,A,1,2").ids == [f" {'é' * 48} "]


def test_a_row_without_any_location_is_kept_with_a_note() -> None:
    loaded = load_rows("a,A,,", "b,B")

    assert loaded.ids == ["a", "b"]
    assert loaded.notes == [
        (0, "", "", "a location: Latitude and Longitude"),
        (1, "", "", "a location: Latitude and Longitude"),
    ]


def test_a_geography_gives_the_coordinates_that_are_not_declared() -> None:
    loaded = load(LINE_1 + 'ID(String,primaryKey),Shape(Geography)\na,"LINESTRING (0 0, 4 2)"\nb,\n')

    assert loaded.entities.column("Latitude").to_pylist() == [1.0, None]
    assert loaded.entities.column("Longitude").to_pylist() == [2.0, None]
    assert loaded.notes == [(1, "", "", "a location: Latitude and Longitude, or Shape")]


def test_given_coordinates_win_over_the_centroid_and_one_alone_is_bad() -> None:
    header = LINE_1 + "ID(String,primaryKey),Latitude(Double),Longitude(Double),Shape(Geography)\n"

    loaded = load(header + "a,5,6,POINT (1 2)\nb,5,,POINT (1 2)\nc,,,POINT (1 2)\n")

    assert loaded.entities.column("Latitude").to_pylist() == [5.0, 2.0]
    assert loaded.errors == [(1, "Longitude", "", "a value, as Latitude has one")]


def test_a_row_that_asks_for_deletion_needs_only_its_key() -> None:
    header = LINE_1 + LINE_2.strip() + ",__deleteEntity(Edm.Boolean)\n"

    loaded = load(header + "a,A,1,2,\nb,,,,1\nc,C,north,2,True\nd,D,1,2,0\n")

    assert loaded.ids == ["a", "d"]
    assert loaded.reader.entity_type.names == ("ID", "Name", "Latitude", "Longitude")
    assert loaded.deletions == [(1, "b"), (2, "c")]
    assert loaded.issues == []
    assert loaded.row_count == 4


def test_a_deletion_without_a_key_or_with_more_cells_than_there_are_properties_is_a_bad_row() -> None:
    header = LINE_1 + "Name(String),Latitude(Double),Longitude(Double),ID(String,primaryKey),__deleteEntity(String)\n"

    loaded = load(header + f",north,,,true\n,,,{'x' * 51},true\n,,,a,true,b\n\0,,,b,true\n")

    assert [(row, name) for row, name, _, _ in loaded.errors] == [(0, "ID"), (1, "ID"), (2, "")]
    assert loaded.deletions == [(3, "b")]


def test_a_deletion_mark_that_says_neither_yes_nor_no_is_a_bad_row() -> None:
    header = LINE_1 + LINE_2.strip() + ",__deleteEntity(Edm.String)\n"

    loaded = load(header + "a,A,1,2,maybe\nb,B,1,2, \n")

    assert loaded.errors == [(0, "__deleteEntity", "maybe", "true or false, 1 or 0, yes or no, y or n")]
    assert loaded.ids == ["b"]


def test_rows_that_are_not_utf_8_are_bad_and_the_others_are_kept() -> None:
    loaded = load((LINE_1 + LINE_2).encode() + b"a,Caf\xe9,1,2\nb,Caf\xc3\xa9,1,2\n")

    assert loaded.entities.column("Name").to_pylist() == ["Café"]
    assert loaded.errors == [(0, "Name", "Caf\ufffd", "text in UTF-8 (in Excel, save as 'CSV UTF-8')")]


def test_a_quote_that_is_not_closed_makes_the_last_row_bad() -> None:
    loaded = load_rows("a,A,1,2", 'b,"B,1,2', "c,C,1,2")

    assert loaded.ids == ["a"]
    assert loaded.errors == [(1, "", "b,B,1,2\\nc,C,1,2,,", 'a closing quote (")')]


def test_the_uncompressed_limit_holds() -> None:
    with pytest.raises(LimitReached, match="uncompressed upload bytes"):
        load(LINE_1 + LINE_2 + "a,A,1,2\n" * 10_000, upload_bytes=50_000)


def test_a_missing_second_line_is_said_to_be_missing() -> None:
    assert refusal(LINE_1).startswith("Line 2 is missing")


def test_an_ordinary_spreadsheet_is_told_what_it_lacks() -> None:
    assert "looks like an ordinary header" in refusal("Id,Name,Lat,Lon\n1,a,2,3\n")


def test_a_schema_that_cannot_be_an_entity_type_is_refused() -> None:
    assert "Exactly one property must be marked as the primary key" in refusal(
        LINE_1 + "ID(String),Latitude(Double),Longitude(Double)\n"
    )
    assert "have the same name" in refusal(LINE_1 + LINE_2.strip() + ",name(Edm.String)\n")


def test_lines_are_found_across_blank_lines_and_cells_of_several_lines() -> None:
    text = LINE_1 + "\n" + LINE_2 + 'a,"x\ny",1,2\n\n \nb,B,1,2\r\n\r\nc,"p\r\nq\r\n",3,4\nd,D,5,6'
    reader = opened(text.encode())

    assert reader.locate([0, 1, 2, 3]) == {0: "line 4", 1: "line 8", 2: "line 10", 3: "line 13"}
    assert reader.locate([2]) == {2: "line 10"}
    assert reader.locate([]) == {}


names = st.text(st.sampled_from('ab,"\n\ré '), max_size=6)


@given(st.lists(names, min_size=1, max_size=30), st.lists(st.sampled_from(["", "\n", "  \n", "\r\n"]), min_size=30))
@settings(deadline=None, max_examples=100)
def test_every_row_is_found_on_its_line(cells: list[str], blanks: list[str]) -> None:
    text, wanted = LINE_1 + LINE_2, {}
    for row, (cell, blank) in enumerate(zip(cells, blanks, strict=False)):
        text += blank
        line = len(re.split("\r\n|\r|\n", text))
        wanted[row] = f"line {line}"
        text += f"E{row},{quoted(cell)},1,2\n"

    loaded = load(text)

    assert loaded.entities.column("Name").to_pylist() == cells
    assert loaded.reader.locate(wanted) == wanted


def test_rows_come_in_batches_so_that_counts_move(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "BATCH_ROWS", 3)
    reader = opened(
        (LINE_1 + LINE_2 + "".join(f"E{n},{'x' * (n == 4)},{n},0\n" for n in [0, 1, 2, 3, 99, 5, 6])).encode()
    )

    batches = list(reader.batches())

    assert [batch.row_count for batch in batches] == [3, 3, 1]
    assert [batch.rows.tolist() for batch in batches] == [[0, 1, 2], [3, 5], [6]]
    assert [issue.row for batch in batches for issue in batch.issues] == [4]


def test_a_cell_of_ten_megabytes_is_a_bad_row() -> None:
    loaded = load_rows("a,A,1,2", f"b,{'x' * 10_000_000},1,2", "c,C,1,2")

    assert loaded.ids == ["a", "c"]
    assert loaded.errors == [(1, "Name", "x" * 100, "at most 2,560 characters")]


def test_a_row_of_twenty_megabytes_is_a_bad_row() -> None:
    loaded = load_rows("a,A,1,2", 'b,"' + "x\n" * 10_000_000 + '",1,2', "c,C,1,2")

    assert loaded.ids == ["a", "c"]
    assert [(row, name) for row, name, _, _ in loaded.errors] == [(1, "")]
    assert loaded.reader.locate([2]) == {2: "line 10000005"}


def test_a_quote_that_is_never_closed_does_not_fill_the_memory() -> None:
    data = (LINE_1 + LINE_2).encode() + b'a,A,1,2\nb,"' + b"x,y\n" * 20_000_000
    tracemalloc.start()
    try:
        loaded = load(data)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert loaded.ids == ["a"]
    assert len(loaded.errors) == 1
    assert peak_bytes < 400 * 2**20
