"""query-language.md section 2: $filter, against the same conditions in plain Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.protocol.api import Source
from tests.protocol.cafes import CAFES

Cafe = dict[str, Any]


def present(name: str, holds: Callable[[Any], bool]) -> Callable[[Cafe], bool]:
    """A condition that a missing value never satisfies."""
    return lambda cafe: cafe[name] is not None and holds(cafe[name])


HOLDS: list[tuple[str, Callable[[Cafe], bool]]] = [
    # operators
    ("Seats eq 5", present("Seats", lambda seats: seats == 5)),
    ("Seats ne 5", lambda cafe: cafe["Seats"] != 5),
    ("Seats gt 5", present("Seats", lambda seats: seats > 5)),
    ("Seats ge 5", present("Seats", lambda seats: seats >= 5)),
    ("Seats lt 5", present("Seats", lambda seats: seats < 5)),
    ("Seats le 5", present("Seats", lambda seats: seats <= 5)),
    ("5 lt Seats", present("Seats", lambda seats: seats > 5)),
    ("5 ge Seats", present("Seats", lambda seats: seats <= 5)),
    ("'Bern' eq City", lambda cafe: cafe["City"] == "Bern"),
    ("Seats eq 9007199254740993", lambda cafe: cafe["Seats"] == 9007199254740993),
    ("Seats eq 9007199254740992", lambda cafe: False),
    ("Seats eq -12", lambda cafe: cafe["Seats"] == -12),
    # connectives and precedence
    (
        "City eq 'Bern' and Seats eq 40 or Code eq '12'",
        lambda c: (c["City"] == "Bern" and c["Seats"] == 40) or c["Code"] == "12",
    ),
    ("City eq 'Bern' and (Seats eq 40 or Code eq '12')", lambda c: c["City"] == "Bern" and c["Seats"] == 40),
    ("not City eq 'Bern' and Seats eq 5", lambda c: c["City"] != "Bern" and c["Seats"] == 5),
    ("not (City eq 'Bern' and Seats eq 40)", lambda c: not (c["City"] == "Bern" and c["Seats"] == 40)),
    ("not not Seats eq 5", lambda c: c["Seats"] == 5),
    ("((((Seats eq 5))))", lambda c: c["Seats"] == 5),
    # case and spaces
    ("CITY EQ 'Bern' AND seats Eq 40", lambda c: c["City"] == "Bern" and c["Seats"] == 40),
    ("City Eq'Bern'", lambda c: c["City"] == "Bern"),
    ("seats in(5,40)", lambda c: c["Seats"] in (5, 40)),
    ("  ( City eq 'Bern' )and( Seats eq 40 ) ", lambda c: c["City"] == "Bern" and c["Seats"] == 40),
    ("City+Eq+'Bern'", lambda c: c["City"] == "Bern"),
    # in
    ("City in ('Bern','Suva')", lambda c: c["City"] in ("Bern", "Suva")),
    ("City IN ( 'Bern' )", lambda c: c["City"] == "Bern"),
    ("Seats in (" + ",".join(str(n) for n in range(200)) + ")", present("Seats", lambda seats: 0 <= seats < 200)),
    ("City in ('')", lambda c: c["City"] == ""),
    ("Seats in (5,null)", lambda c: c["Seats"] in (5, None)),
    ("not (Seats in (5,40))", lambda c: c["Seats"] not in (5, 40)),
    # functions
    ("startswith(Name,'Al')", lambda c: c["Name"].startswith("Al")),
    ("StartsWith(Name, 'al') eq true", lambda c: c["Name"].startswith("al")),
    ("STARTSWITH(name,'Al') Eq False", lambda c: not c["Name"].startswith("Al")),
    ("endswith(Name,'bar')", lambda c: c["Name"].endswith("bar")),
    ("contains(Name,'a')", lambda c: "a" in c["Name"]),
    ("contains(Name,'/')", lambda c: "/" in c["Name"]),
    ("notStartsWith(Name,'Al')", lambda c: not c["Name"].startswith("Al")),
    ("notEndsWith(Name,'bar')", lambda c: not c["Name"].endswith("bar")),
    ("not startswith(Name,'Al')", lambda c: not c["Name"].startswith("Al")),
    ("startsWith(Name,''Al'')", lambda c: c["Name"].startswith("Al")),
    ("startsWith(Name,''Al'') eq true", lambda c: c["Name"].startswith("Al")),
    ("startswith(Name,'')", lambda c: True),
    ("startswith(Name,'Al') and City eq 'Bern'", lambda c: c["Name"].startswith("Al") and c["City"] == "Bern"),
    (
        "startswith(Name,'Al') or endswith(Name,'bar')",
        lambda c: c["Name"].startswith("Al") or c["Name"].endswith("bar"),
    ),
    # literals
    ("Name eq 'Ada''s Corner'", lambda c: c["Name"] == "Ada's Corner"),
    ("startswith(Name,'Ada''s')", lambda c: c["Name"].startswith("Ada's")),
    ("City eq 'Zürich'", lambda c: c["City"] == "Zürich"),
    ("City eq '東京'", lambda c: c["City"] == "東京"),
    ("contains(Name,'😀')", lambda c: "😀" in c["Name"]),
    ("Rating eq 1E-05", lambda c: c["Rating"] == 1e-5),
    ("Rating lt 1e-05", present("Rating", lambda rating: rating < 1e-5)),
    ("Rating eq 0.1", lambda c: c["Rating"] == 0.1),
    ("Rating eq 4.5d", lambda c: c["Rating"] == 4.5),
    ("Rating eq 4.5M", lambda c: c["Rating"] == 4.5),
    ("Rating eq 4.5f", lambda c: c["Rating"] == 4.5),
    ("Seats eq 40L", lambda c: c["Seats"] == 40),
    ("Rating eq 2", lambda c: c["Rating"] == 2),
    ("Rating gt 100", present("Rating", lambda rating: rating > 100)),
    ("Elevation eq 540", lambda c: c["Elevation"] == 540),
    ("Elevation lt 0", present("Elevation", lambda metres: metres < 0)),
    # dates
    ("Since eq datetime'2015-10-29T21:25:09Z'", lambda c: c["EntityID"] in ("A1", "a1")),
    ("Since eq datetime'2015-10-29T21:25:09'", lambda c: c["EntityID"] in ("A1", "a1")),
    ("Since eq 2015-10-29T21:25:09.0000000Z", lambda c: c["EntityID"] in ("A1", "a1")),
    ("Since eq 2015-10-29T23:25:09%2B02:00", lambda c: c["EntityID"] in ("A1", "a1")),
    ("Since gt 2015-10-29T21:25:09Z", lambda c: c["EntityID"] in ("C1", "C2", "D1")),
    ("Since eq 2015-10-29T21:25:09.0000001Z", lambda c: c["EntityID"] == "D1"),
    ("Since lt datetime'1970-01-01T00:00:00Z'", lambda c: c["EntityID"] in ("A2", "B1")),
    ("Since le datetime'0001-01-01T00:00:00Z'", lambda c: c["EntityID"] == "B1"),
    ("Since ge datetime'9999-12-31T23:59:59.9999999Z'", lambda c: c["EntityID"] == "C2"),
    # loose typing
    ("Code Eq 5800", lambda c: c["Code"] == "5800"),
    ("Code eq 5800.0", lambda c: c["Code"] == "5800.0"),
    ("Code eq 5800L", lambda c: c["Code"] == "5800"),
    ("Code eq true", lambda c: c["Code"] == "true"),
    ("Code in (5800,5801)", lambda c: c["Code"] in ("5800", "5801")),
    ("Open eq 1", lambda c: c["Open"] is True),
    ("Open eq 0", lambda c: c["Open"] is False),
    ("Open eq '1'", lambda c: c["Open"] is True),
    ("Open eq 'true'", lambda c: c["Open"] is True),
    ("Open eq True", lambda c: c["Open"] is True),
    ("Open ne true", lambda c: c["Open"] is not True),
    ("Seats eq '5'", lambda c: c["Seats"] == 5),
    ("Seats gt '5'", present("Seats", lambda seats: seats > 5)),
    ("Rating eq '5.5'", lambda c: c["Rating"] == 5.5),
    ("Seats eq 5.5", lambda c: False),
    ("Seats ne 5.5", lambda c: True),
    ("Seats gt 5.5", present("Seats", lambda seats: seats >= 6)),
    ("Seats ge 5.5", present("Seats", lambda seats: seats >= 6)),
    ("Seats lt 5.5", present("Seats", lambda seats: seats <= 5)),
    ("Seats in (5.0,5.5)", lambda c: c["Seats"] == 5),
    # missing values
    ("Seats eq null", lambda c: c["Seats"] is None),
    ("Seats ne null", lambda c: c["Seats"] is not None),
    ("null eq Open", lambda c: c["Open"] is None),
    ("Since ne null", lambda c: c["Since"] is not None),
    ("Elevation eq null", lambda c: c["Elevation"] is None),
    ("not (Seats gt 5)", lambda c: c["Seats"] is None or c["Seats"] <= 5),
    ("City eq ''", lambda c: c["City"] == ""),
    ("City eq null", lambda c: c["City"] == ""),
    ("City ne null", lambda c: c["City"] != ""),
    ("City ne ''", lambda c: c["City"] != ""),
    ("City ne 'a'", lambda c: c["City"] != "a"),
    ("City lt 'a'", lambda c: c["City"] < "a"),
    ("City le ''", lambda c: c["City"] == ""),
    ("City in (null,'Bern')", lambda c: c["City"] in ("", "Bern")),
    ("startswith(City,'')", lambda c: True),
    ("startswith(City,'B') eq false", lambda c: not c["City"].startswith("B")),
    # order of strings
    ("Name gt 'Z'", lambda c: c["Name"] > "Z"),
    ("Name ge 'al dente/bar'", lambda c: c["Name"] >= "al dente/bar"),
    ("City eq 'BERN'", lambda c: False),
    # the primary key
    ("entityId eq 'A1'", lambda c: c["EntityID"] == "A1"),
    ("EntityID in ('A1','a1')", lambda c: c["EntityID"] in ("A1", "a1")),
    ("EntityID eq 'it''s/50%25 %26 é?'", lambda c: c["EntityID"].startswith("it")),
]


@pytest.mark.parametrize(("filter_", "holds"), HOLDS, ids=[text for text, _ in HOLDS])
def test_a_filter_returns_the_entities_for_which_it_holds(
    cafes: Source, filter_: str, holds: Callable[[Cafe], bool]
) -> None:
    assert cafes.ids(f"$filter={filter_}") == [cafe["EntityID"] for cafe in CAFES if holds(cafe)]


REFUSED = [
    "Nonsense eq 5",
    "Seats eq",
    "Seats",
    "eq 5",
    "Seats eq 1 Or 8211",
    "Seats eq 'abc'",
    "Seats eq '5",
    "(Seats eq 5",
    "Seats eq 5)",
    "Seats eq 5 and",
    "Seats like 5",
    "Seats eq 5 Rating eq 5",
    "Open eq maybe",
    "Open eq 2",
    "Since eq 'yesterday'",
    "Since eq datetime'2015-13-01T00:00:00Z'",
    "Rating eq 1e999",
    "Seats in ()",
    "Seats in (5",
    "Seats in (5,)",
    "startswith(Name)",
    "startswith(Name,'a'",
    "startswith('a',Name)",
    "Seats eq Rating",
    "5 eq 5",
    "not",
    "Seats eq 5;drop table",
    "\u0000",
    "Latitude gt 5",
    "longitude lt 5",
    "Latitude eq null",
]


@pytest.mark.parametrize("filter_", REFUSED)
def test_a_wrong_filter_is_400_and_names_the_position_and_what_was_expected(cafes: Source, filter_: str) -> None:
    reply = cafes.api.server.client.get(
        f"/REST/v1{cafes.entities_path}", params={"$filter": filter_, "$format": "json", "key": str(cafes.api.key)}
    )
    assert reply.status_code == 400, reply.text
    error = reply.json()["error"]
    assert error["code"] == "InvalidFilter"
    message = error["message"]["value"]
    assert "$filter" in message
    assert "position" in message
    assert "expected" in message


def test_names_come_back_as_declared_whatever_the_case_of_the_filter(cafes: Source) -> None:
    (cafe,) = cafes.results("$filter=SEATS eq 40&$select=sEATS,nAME")
    assert [name for name in cafe if not name.startswith("__")] == ["Seats", "Name"]


def test_entity_id_names_the_primary_key_whatever_it_is_called(parks: Source) -> None:
    found = parks.results("$filter=entityId eq 'pin'")
    assert [park["ParkId"] for park in found] == ["pin"]


@pytest.mark.parametrize(
    ("filter_", "expected"), [("Area eq null", ["none"]), ("Area ne null", ["line", "pin", "square"])]
)
def test_a_geography_can_be_tested_for_null(parks: Source, filter_: str, expected: list[str]) -> None:
    assert [park["ParkId"] for park in parks.results(f"$filter={filter_}")] == expected


@pytest.mark.parametrize("filter_", ["Area eq 'POINT (0 0)'", "startswith(Area,'P')", "Area gt null"])
def test_a_geography_cannot_be_compared_otherwise(parks: Source, filter_: str) -> None:
    assert "$filter" in parks.refusal(f"$filter={filter_}")


def test_a_deep_filter_is_answered_or_refused_but_never_breaks_the_server(cafes: Source) -> None:
    reply = cafes.get("$format=json&$filter=" + "(" * 1500 + "Seats eq 5" + ")" * 1500)
    assert reply.status_code in (200, 400)
    reply = cafes.get("$format=json&$filter=" + "not " * 1500 + "Seats eq 5")
    assert reply.status_code in (200, 400)
    reply = cafes.get("$format=json&$filter=" + " or ".join(["Seats eq 5"] * 400))
    assert [cafe["EntityID"] for cafe in reply.json()["d"]["results"]] == ["C2", "D1"]
