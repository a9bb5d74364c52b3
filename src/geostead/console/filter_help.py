"""Help for filters: what they can be made of, with examples about the entities at hand."""

from __future__ import annotations

from geostead.console.json_replies import Json
from geostead.console.visit import Visit
from geostead.formats.rows.value_texts import shown_texts
from geostead.model.entity_type import EdmType, EntityType, Property
from geostead.operations.browse_entities import Browsed
from geostead.query.bound import BoundQuery, IsMissing, Not
from geostead.query.options import is_coordinate

_COMPARISONS = ("eq", "ne", "gt", "ge", "lt", "le", "in")
_OPERATORS = {
    EdmType.STRING: (*_COMPARISONS, "startswith", "endswith", "contains"),
    EdmType.INT64: _COMPARISONS,
    EdmType.DOUBLE: _COMPARISONS,
    EdmType.BOOLEAN: ("eq", "ne"),
    EdmType.DATETIME: _COMPARISONS,
    EdmType.GEOGRAPHY: ("eq null", "ne null"),
}
_MOST_SHOWN = 40


def describe_filters(browsed: Browsed, visit: Visit) -> Json:
    """Return the properties that can be filtered by, operators, functions, spatial filters and examples."""
    examples = {p.name: _example(browsed, p) for p in _filterable(browsed.version.entity_type)}
    by_name = {p.name: p for p in browsed.version.entity_type.properties}
    return {
        "properties": [
            {"name": name, "type": by_name[name].type, "operators": _OPERATORS[by_name[name].type], "example": example}
            for name, example in examples.items()
        ],
        "operators": _operators(visit),
        "functions": _functions(visit),
        "spatial": _spatial(visit),
        "examples": _examples(list(examples.values())),
    }


def _filterable(entity_type: EntityType) -> list[Property]:
    return [declared for declared in entity_type.properties if not is_coordinate(declared)]


def _example(browsed: Browsed, declared: Property) -> str:
    """Return a filter that some entity satisfies, or one that none does if the property is empty everywhere."""
    if declared.type is EdmType.GEOGRAPHY:
        return f"{declared.name} ne null"
    query = BoundQuery(predicate=Not(IsMissing(declared)), top=1, names=(declared.name,))
    column = browsed.snapshot.search(query).rows.columns([declared.name]).column(0)
    if not len(column):
        return f"{declared.name} eq null"
    return _comparison(declared, shown_texts(column, declared.type)[0])


def _comparison(declared: Property, text: str) -> str:
    match declared.type:
        case EdmType.STRING if len(text) > _MOST_SHOWN:
            return f"startswith({declared.name},{_quoted(text[:_MOST_SHOWN])})"
        case EdmType.STRING:
            return f"{declared.name} eq {_quoted(text)}"
        case EdmType.DATETIME:
            return f"{declared.name} ge datetime'{text}'"
        case EdmType.BOOLEAN:
            return f"{declared.name} eq {text}"
        case _:
            return f"{declared.name} ge {text}"


def _quoted(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def _examples(parts: list[str]) -> list[str]:
    first = parts[:4]
    return [*first[1:], *([f"{first[1]} and {first[2]}", f"not ({first[1]})"] if len(first) > 2 else first[:1])]


def _operators(visit: Visit) -> list[Json]:
    return [
        {"text": "eq", "meaning": visit._("equal")},
        {"text": "ne", "meaning": visit._("not equal")},
        {"text": "gt", "meaning": visit._("greater than")},
        {"text": "ge", "meaning": visit._("greater than or equal")},
        {"text": "lt", "meaning": visit._("less than")},
        {"text": "le", "meaning": visit._("less than or equal")},
        {"text": "in ('a','b')", "meaning": visit._("one of these values")},
        {"text": "and", "meaning": visit._("both conditions hold")},
        {"text": "or", "meaning": visit._("at least one condition holds")},
        {"text": "not", "meaning": visit._("the condition does not hold")},
        {"text": "eq null", "meaning": visit._("has no value")},
    ]


def _functions(visit: Visit) -> list[Json]:
    return [
        {"text": "startswith(Name,'text')", "meaning": visit._("begins with a text")},
        {"text": "endswith(Name,'text')", "meaning": visit._("ends with a text")},
        {"text": "contains(Name,'text')", "meaning": visit._("has a text in it")},
    ]


def _spatial(visit: Visit) -> list[Json]:
    return [
        {"text": "nearby(47.64,-122.13,5)", "meaning": visit._("within 5 km of a latitude and longitude")},
        {"text": "nearby('address',5)", "meaning": visit._("within 5 km of an address")},
        {"text": "bbox(47.5,-122.4,47.7,-122.2)", "meaning": visit._("between south, west, north and east")},
        {
            "text": "intersects('POLYGON ((-122.4 47.5, -122.2 47.5, -122.2 47.7, -122.4 47.5))')",
            "meaning": visit._("in a shape of well-known text, longitude before latitude"),
        },
        {"text": "nearRoute('47.6,-122.3','47.7,-122.2')", "meaning": visit._("within 1.6 km of a route")},
    ]
