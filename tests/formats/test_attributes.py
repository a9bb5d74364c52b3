from __future__ import annotations

import pytest

from geostead.errors import LimitReached
from geostead.formats.gis.attributes import declare_attributes, declare_entity_type
from geostead.model.entity_type import EdmType, Property

STRING, INT64, DOUBLE = EdmType.STRING, EdmType.INT64, EdmType.DOUBLE


def test_attributes_get_legal_names_that_differ_from_the_formats_own() -> None:
    given = [("Höhe", STRING), ("name", STRING), ("NAME", INT64), ("GEOM", STRING), ("longitude", DOUBLE)]

    names = [p.name for p in declare_attributes(given, ["Name"])]
    assert names == ["H_he", "name_2", "NAME_3", "GEOM_2", "longitude_2"]


@pytest.mark.parametrize(
    ("given", "declared"),
    [
        (("Elevation", DOUBLE), Property("Elevation", DOUBLE)),
        (("ELEVATION", INT64), Property("ELEVATION", DOUBLE)),
        (("elevation", STRING), Property("elevation_2", STRING)),
    ],
)
def test_an_elevation_is_a_double_or_has_another_name(given: tuple[str, EdmType], declared: Property) -> None:
    assert declare_attributes([given]) == [declared]


def test_the_mark_of_deletions_keeps_its_name_and_is_no_property_of_entities() -> None:
    properties = declare_attributes([("__deleteEntity", INT64), ("__deleteentity", STRING)])

    assert [p.name for p in properties] == ["__deleteEntity", "_deleteentity"]
    assert declare_entity_type("Huts", properties).names == (
        "EntityID",
        "_deleteentity",
        "Geom",
        "Latitude",
        "Longitude",
    )


def test_the_number_of_properties_is_limited() -> None:
    properties = declare_attributes((f"p{number}", STRING) for number in range(349))

    with pytest.raises(LimitReached, match="properties is 351"):
        declare_entity_type("Huts", properties)
