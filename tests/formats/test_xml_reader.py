from __future__ import annotations

import pytest

from geostead.errors import InvalidSchema, LoadError, UnreadableUpload
from geostead.formats.xml import reader as xml_reader
from geostead.formats.xml import stream as xml_stream
from geostead.model.entity_type import EdmType
from tests.formats.reading import XML, Loaded, load, opened

PROPERTIES = {"ID": "string", "Name": "string", "Latitude": "double", "Longitude": "double", "Size": "long"}
UNIQUE = '<xs:unique name="C" md:PrimaryKey="true"><xs:selector xpath=".//Shops"/><xs:field xpath="ID"/></xs:unique>'


def schema_of(properties: dict[str, str] = PROPERTIES, unique: str = UNIQUE) -> str:
    elements = "".join(f'<xs:element name="{name}" type="xs:{kind}"/>' for name, kind in properties.items())
    return (
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:md="urn:schemas-microsoft-com:xml-msdata">'
        '<xs:element name="Set" md:IsDataSet="true"><xs:complexType><xs:choice>'
        f'<xs:element name="Shops"><xs:complexType><xs:sequence>{elements}</xs:sequence></xs:complexType></xs:element>'
        f"</xs:choice></xs:complexType>{unique}</xs:element></xs:schema>"
    )


def document(*rows: str, schema: str | None = None, prolog: str = "") -> str:
    return f"{prolog}<Root>{schema_of() if schema is None else schema}{''.join(rows)}</Root>"


def shop(entity_id: str, **cells: object) -> str:
    inner = "".join(f"<{name}>{text}</{name}>" for name, text in {"ID": entity_id, **cells}.items())
    return f"<Shops>{inner}</Shops>"


def load_shops(*rows: str) -> Loaded:
    return load(document(*rows), XML)


def refusal(data: str | bytes) -> str:
    with pytest.raises(LoadError) as raised:
        load(data, XML)
    return str(raised.value)


def test_elements_come_in_any_order_and_missing_ones_are_missing() -> None:
    loaded = load_shops(shop("a", Latitude=1, Longitude=2, Name="A"), "<Shops><Size>7</Size><ID>b</ID></Shops>")

    assert loaded.entities.to_pylist() == [
        {"ID": "a", "Name": "A", "Latitude": 1.0, "Longitude": 2.0, "Size": None},
        {"ID": "b", "Name": "", "Latitude": None, "Longitude": None, "Size": 7},
    ]
    assert loaded.notes == [(1, "", "", "a location: Latitude and Longitude")]


def test_text_is_unescaped_and_kept_as_it_is() -> None:
    text = " a &amp; &lt;b&gt; &#13;&#10;&#x1F600;\t<![CDATA[<c> & ]]> "

    assert load_shops(shop("a", Name=text)).entities.column("Name").to_pylist() == [" a & <b> \r\n\U0001f600\t<c> &  "]


def test_comments_instructions_and_attributes_are_passed_over() -> None:
    prolog = '<?xml version="1.0" encoding="utf-8" standalone="yes"?><!-- made by hand --><?style sheet?>'
    row = '<Shops a="1"><!-- x --><ID b="2">a</ID>\n<Name>n<!-- y -->m</Name><?z?></Shops>'

    loaded = load(document("<!-- first -->", row, prolog=prolog), XML)

    assert loaded.entities.column("Name").to_pylist() == ["nm"]


@pytest.mark.parametrize("namespace", ["http://www.w3.org/2001/XMLSchema", "https://www.w3.org/2001/XMLSchema"])
@pytest.mark.parametrize("prefix", ["xs", "xsd", "s"])
def test_prefixes_are_free_and_the_namespace_of_the_schema_may_say_https(namespace: str, prefix: str) -> None:
    schema = schema_of().replace("http://www.w3.org/2001/XMLSchema", namespace)
    schema = schema.replace("xs:", f"{prefix}:").replace(":xs=", f":{prefix}=")

    assert load(document(shop("a"), schema=schema), XML).ids == ["a"]


def test_rows_may_be_in_a_default_namespace() -> None:
    text = document(shop("a", Name="A")).replace("<Root>", '<Root xmlns="http://example.org/shops">')

    assert load(text, XML).entities.column("Name").to_pylist() == ["A"]


def test_names_of_elements_may_differ_in_case_as_those_of_properties() -> None:
    loaded = load_shops("<shops><id>a</id><NAME>A</NAME></shops>", shop("b", Name="B"))

    assert loaded.ids == ["a", "b"]
    assert loaded.entities.column("Name").to_pylist() == ["A", "B"]


@pytest.mark.parametrize(
    ("xml_type", "edm_type"),
    [
        ("string", EdmType.STRING),
        ("long", EdmType.INT64),
        ("int", EdmType.INT64),
        ("integer", EdmType.INT64),
        ("boolean", EdmType.BOOLEAN),
        ("Boolean", EdmType.BOOLEAN),
        ("double", EdmType.DOUBLE),
        ("decimal", EdmType.DOUBLE),
        ("float", EdmType.DOUBLE),
        ("dateTime", EdmType.DATETIME),
        ("date", EdmType.DATETIME),
        ("anyType", EdmType.GEOGRAPHY),
    ],
)
def test_xml_types_mean_edm_types(xml_type: str, edm_type: EdmType) -> None:
    reader = opened(document(schema=schema_of(PROPERTIES | {"Thing": xml_type})).encode(), XML)

    found = reader.entity_type.find("Thing")
    assert found is not None
    assert found.type is edm_type


def test_bad_rows_are_left_out_and_described_by_element() -> None:
    loaded = load_shops(
        shop("a"),
        shop("b", Size="7.5"),
        shop("c", Name="x<b>y</b>"),
        "<Cafes><ID>d</ID></Cafes>",
        "<Shops><ID>e</ID><Name>1</Name><Name>2</Name></Shops>",
        "<Shops/>",
        shop("g"),
    )

    assert loaded.ids == ["a", "g"]
    assert loaded.row_count == 7
    assert loaded.errors == [
        (1, "Size", "7.5", "a whole number of at most 64 bits"),
        (2, "", "<b> inside a value", "text without elements"),
        (3, "", "<Cafes>", "<Shops>"),
        (4, "Name", "two elements", "one element of this name"),
        (5, "ID", "", "an entity id of 1 to 50 characters"),
    ]
    assert loaded.reader.locate([1, 5]) == {1: "element 2", 5: "element 6"}


def test_elements_that_the_schema_does_not_know_are_noted_and_ignored() -> None:
    loaded = load_shops(shop("a", Colour="red", Latitude=1, Longitude=2))

    assert loaded.ids == ["a"]
    assert loaded.notes == [(0, "", "<Colour>", "only elements of the schema; this one is ignored")]


def test_rows_come_in_batches_whose_rows_count_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_stream, "_CHUNK_BYTES", 100)
    monkeypatch.setattr(xml_reader, "BATCH_ROWS", 5)
    text = document(*[shop(f"E{n}", Size="x" if n == 17 else n) for n in range(20)])

    batches = list(opened(text.encode(), XML).batches())

    assert len(batches) > 2
    assert [row for batch in batches for row in batch.rows.tolist()] == [n for n in range(20) if n != 17]
    assert [issue.row for batch in batches for issue in batch.issues if issue.is_error] == [17]


def test_a_cell_of_ten_megabytes_is_a_bad_row() -> None:
    loaded = load_shops(shop("a"), shop("b", Name="x" * 10_000_000), shop("c"))

    assert loaded.ids == ["a", "c"]
    assert loaded.errors == [(1, "Name", "x" * 100, "at most 2,560 characters")]


def test_an_element_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_reader, "_MAX_ROW_BYTES", 2**20)

    assert "Element 2 is longer than 1 MB" in refusal(document(shop("a"), shop("b", Name="x" * 2**21)))


def test_a_comment_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_stream, "_MAX_MARKUP_BYTES", 2**20)

    assert "a tag or comment is never closed" in refusal(document(shop("a"), "<!-- " + "x" * 2**22))


@pytest.mark.parametrize(
    "row", ["<Shops><A{0}/></Shops>", '<Shops a{0}=""/>', '<Shops xmlns:a{0}="u"/>', '<Shops xmlns:a="u{0}" a:b=""/>']
)
def test_names_without_end_are_refused_because_the_parser_keeps_each_one(row: str) -> None:
    rows = [row.format(number) for number in range(10_001)]

    assert "more than 10,000 different names" in refusal(document(*rows))
    assert load(document(*rows[:4_000]), XML).row_count == 4_000


def test_a_tag_of_over_a_megabyte_is_refused_because_the_parser_holds_all_of_it() -> None:
    attributes = " ".join(f"a{number}='{'x' * 1000}'" for number in range(2000))

    assert "a tag or comment is never closed" in refusal(document(f"<Shops {attributes}/>"))


def test_a_long_stretch_of_character_data_is_not_held() -> None:
    assert load_shops(shop("a"), shop("b", Name=f"<![CDATA[{'x' * 5_000_000}]]>")).ids == ["a"]


@pytest.mark.parametrize("prolog", ['<?xml version="1.0"?>', "<!-- <!DOCTYPE --> "])
def test_a_document_type_declaration_is_refused_before_anything_in_it_is_read(prolog: str) -> None:
    bomb = '<!DOCTYPE r [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>'

    assert "document type declaration" in refusal(document(shop("&b;&x;"), prolog=prolog + bomb))


def test_entities_that_nobody_declared_are_refused() -> None:
    assert "not well-formed XML in UTF-8: undefined entity" in refusal(document(shop("a", Name="&nbsp;")))


@pytest.mark.parametrize("where", ["rows", "schema"])
def test_depth_without_end_is_refused(where: str) -> None:
    deep = "<a>" * 5000
    text = document(deep) if where == "rows" else "<Root>" + schema_of(unique=deep)

    assert "nested over 100 levels" in refusal(text)


def test_a_schema_without_end_is_refused() -> None:
    assert "over 7,000 elements" in refusal(document(schema=schema_of({f"P{n}": "string" for n in range(8000)})))


def test_a_schema_of_over_16_mb_is_refused_however_few_elements_it_has() -> None:
    text = document(schema=schema_of(unique=f'<xs:annotation a="{"x" * 500_000}"/>' * 40))

    with pytest.raises(InvalidSchema, match=r"The XML schema is longer than 16 MB\."):
        opened(text.encode(), XML)


def test_attributes_of_the_schema_that_mean_nothing_are_passed_over() -> None:
    schema = schema_of().replace("<xs:element name=", '<xs:element md:Caption="x" nillable="true" name=')

    assert load(document(shop("a", Name="A"), schema=schema), XML).ids == ["a"]


def test_a_declared_encoding_does_not_count() -> None:
    prolog = '<?xml version="1.0" encoding="utf-16"?>'

    assert load(document(shop("a", Name="é"), prolog=prolog), XML).entities.column("Name").to_pylist() == ["é"]


def test_other_encodings_are_refused() -> None:
    text = document(shop("a", Name="é"), prolog='<?xml version="1.0" encoding="iso-8859-1"?>')

    assert "not well-formed XML in UTF-8" in refusal(text.encode("iso-8859-1"))


@pytest.mark.parametrize("text", [b"M\xfcnchen", b"M\xc3", b"\xed\xa0\x80", b"a\x01", b"a & b"])
def test_what_is_not_text_in_utf_8_is_refused_with_its_element(text: bytes) -> None:
    before, after = document(shop("a"), shop("b", Name="?"), shop("c")).encode().split(b"?")

    message = refusal(before + text + after)

    assert message.startswith("Element 2 (line 1, column ")
    assert "expected text in UTF-8 without control characters, & and < written as &amp; and &lt;" in message


def test_a_schema_that_is_not_in_utf_8_has_no_element_yet() -> None:
    assert refusal(document(prolog="<!-- \xfc -->").encode("latin-1")).startswith("Line 1, column 6: the upload is not")


def test_xml_that_breaks_off_is_refused_with_its_line() -> None:
    assert "Element 1 (line 3, column 1): the upload is not well-formed XML in UTF-8: unclosed token" in refusal(
        "<Root>\n" + schema_of() + "\n<Shop"
    )


def test_what_is_not_xml_at_all_is_recognised() -> None:
    assert "The upload is not XML" in refusal("Bing Spatial Data Services, 1.0, Shops\n")


@pytest.mark.parametrize("text", ["<Root/>", "<Root>text</Root>"])
def test_a_document_without_schema_is_refused(text: str) -> None:
    assert "The XML must begin with its schema" in refusal(text)


def test_a_document_that_begins_with_rows_is_refused() -> None:
    with pytest.raises(InvalidSchema, match="found <Shops>"):
        opened(f"<Root>{shop('a')}{schema_of()}</Root>".encode(), XML)


def test_a_schema_without_key_is_refused() -> None:
    with pytest.raises(InvalidSchema, match="Exactly one property must be marked as the primary key"):
        opened(document(schema=schema_of(unique="")).encode(), XML)
    with pytest.raises(InvalidSchema, match="Exactly one property must be marked as the primary key"):
        opened(document(schema=schema_of(unique=UNIQUE.replace('md:PrimaryKey="true"', ""))).encode(), XML)


@pytest.mark.parametrize("xpath", ["ID", "./ID", "mstns:ID", ".//mstns:ID", "id"])
def test_the_key_is_the_last_name_of_its_path(xpath: str) -> None:
    schema = schema_of(unique=UNIQUE.replace('xpath="ID"', f'xpath="{xpath}"'))

    assert opened(document(schema=schema).encode(), XML).entity_type.key_name == "ID"


def test_a_type_that_there_is_not_is_refused() -> None:
    assert "'Thing' has the type 'xs:duration'; expected string, long" in refusal(
        document(schema=schema_of(PROPERTIES | {"Thing": "duration"}))
    )


def test_several_entity_types_are_refused() -> None:
    second = '</xs:element><xs:element name="Cafes"/></xs:choice>'

    assert "found 'Shops', 'Cafes'" in refusal(
        document(schema=schema_of().replace("</xs:element></xs:choice>", second))
    )


def test_a_schema_that_is_no_data_set_is_refused() -> None:
    assert 'one xs:element with msdata:IsDataSet="true"' in refusal(
        document(schema=schema_of().replace("IsDataSet", "IsSomethingElse"))
    )


def test_a_schema_without_rows_has_no_rows() -> None:
    assert load(document(), XML).row_count == 0


def test_an_unreadable_end_is_refused_although_rows_came_before() -> None:
    with pytest.raises(UnreadableUpload, match="mismatched tag"):
        load(document(shop("a")).replace("</Root>", "</Boot>"), XML)
