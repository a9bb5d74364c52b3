"""What an entity type may be: data-formats.md, section 1."""

import pytest

from geostead.errors import InvalidSchema, LimitReached
from geostead.model.entity_type import EdmType, EntityType, Property

KEY = Property("EntityID", EdmType.STRING)
LATITUDE = Property("Latitude", EdmType.DOUBLE)
LONGITUDE = Property("Longitude", EdmType.DOUBLE)
SHAPE = Property("Shape", EdmType.GEOGRAPHY)


def declare(*properties: Property, name: str = "Shop", keys: tuple[str, ...] = ("EntityID",)) -> EntityType:
    return EntityType.declare(name, properties, keys)


def test_properties_keep_the_order_of_the_upload() -> None:
    assert declare(LONGITUDE, KEY, LATITUDE).names == ("Longitude", "EntityID", "Latitude")


def test_undeclared_coordinates_stand_after_the_declared_properties() -> None:
    assert declare(SHAPE, KEY).names == ("Shape", "EntityID", "Latitude", "Longitude")
    assert declare(LONGITUDE, SHAPE, KEY).names == ("Longitude", "Shape", "EntityID", "Latitude")


def test_a_property_is_found_in_any_case_and_keeps_its_spelling() -> None:
    found = declare(KEY, LATITUDE, LONGITUDE).find("LATITUDE")
    assert found == LATITUDE


def test_entity_id_names_the_primary_key_whatever_it_is_called() -> None:
    shop = declare(Property("Code", EdmType.STRING), LATITUDE, LONGITUDE, keys=("code",))
    assert shop.key_name == "Code"
    assert shop.find("entityId") == Property("Code", EdmType.STRING)


def test_a_property_that_is_called_entity_id_wins_over_the_primary_key() -> None:
    other = Property("EntityId", EdmType.INT64)
    shop = declare(Property("Code", EdmType.STRING), other, LATITUDE, LONGITUDE, keys=("Code",))
    assert shop.find("entityid") == other


def test_coordinates_are_known_by_their_declared_spelling() -> None:
    shop = declare(KEY, Property("latitude", EdmType.DOUBLE), Property("LONGITUDE", EdmType.DOUBLE), SHAPE)
    assert (shop.latitude_name, shop.longitude_name, shop.geography_name) == ("latitude", "LONGITUDE", "Shape")


@pytest.mark.parametrize("name", ["", "9lives", "__secret", "a" * 51, "Ünder", "a b", "a-b", "a.b"])
def test_a_property_name_that_is_not_possible_is_refused_and_named(name: str) -> None:
    with pytest.raises(InvalidSchema, match="property name"):
        declare(KEY, LATITUDE, LONGITUDE, Property(name, EdmType.STRING))


def test_delete_entity_is_the_one_name_that_begins_with_two_underscores() -> None:
    assert declare(KEY, LATITUDE, LONGITUDE, Property("__deleteEntity", EdmType.BOOLEAN)).find("__deleteentity")


def test_the_entity_type_name_may_hold_hyphens() -> None:
    assert declare(KEY, LATITUDE, LONGITUDE, name="coffee-shops").name == "coffee-shops"


@pytest.mark.parametrize("name", ["", "-x", "1x", "__x", "x" * 51, "x y"])
def test_an_entity_type_name_that_is_not_possible_is_refused(name: str) -> None:
    with pytest.raises(InvalidSchema, match="entity type name"):
        declare(KEY, LATITUDE, LONGITUDE, name=name)


def test_names_that_differ_only_in_case_are_the_same_name() -> None:
    with pytest.raises(InvalidSchema, match="'Name' and 'NAME'"):
        declare(KEY, LATITUDE, LONGITUDE, Property("Name", EdmType.STRING), Property("NAME", EdmType.STRING))


@pytest.mark.parametrize(
    ("keys", "message"),
    [((), "none is"), (("EntityID", "Latitude"), "these are: EntityID, Latitude"), (("Nope",), "not one of the")],
)
def test_exactly_one_property_is_the_primary_key(keys: tuple[str, ...], message: str) -> None:
    with pytest.raises(InvalidSchema, match=message):
        declare(KEY, LATITUDE, LONGITUDE, keys=keys)


def test_the_primary_key_is_a_string() -> None:
    with pytest.raises(InvalidSchema, match=r"Edm\.Double; expected Edm\.String"):
        declare(KEY, LATITUDE, LONGITUDE, keys=("Latitude",))


@pytest.mark.parametrize("properties", [(KEY,), (KEY, LATITUDE), (KEY, LONGITUDE)])
def test_a_schema_needs_both_coordinates_or_a_geography(properties: tuple[Property, ...]) -> None:
    with pytest.raises(InvalidSchema, match="have no place"):
        declare(*properties)


def test_coordinates_and_elevation_are_doubles() -> None:
    with pytest.raises(InvalidSchema, match=r"Latitude is Edm\.String"):
        declare(KEY, Property("Latitude", EdmType.STRING), LONGITUDE)
    with pytest.raises(InvalidSchema, match=r"elevation is Edm\.Int64"):
        declare(KEY, LATITUDE, LONGITUDE, Property("elevation", EdmType.INT64))


def test_at_most_one_property_is_a_geography() -> None:
    with pytest.raises(InvalidSchema, match="Shape, Outline"):
        declare(KEY, SHAPE, Property("Outline", EdmType.GEOGRAPHY))


def test_a_message_names_a_few_of_many() -> None:
    many = [Property(f"G{i}", EdmType.GEOGRAPHY) for i in range(5_000)]
    with pytest.raises(InvalidSchema, match=r"G0, G1, .*G9, …") as raised:
        declare(KEY, *many)
    assert len(str(raised.value)) < 300


def test_350_properties_are_possible_and_coordinates_do_not_count() -> None:
    many = [Property(f"P{i}", EdmType.STRING) for i in range(349)]
    assert len(declare(KEY, LATITUDE, LONGITUDE, *many).properties) == 352
    with pytest.raises(LimitReached, match="351"):
        declare(KEY, LATITUDE, LONGITUDE, *many, Property("P349", EdmType.STRING))


def test_an_entity_type_survives_as_plain_data() -> None:
    shop = declare(KEY, SHAPE, Property("Opened", EdmType.DATETIME))
    assert EntityType.from_dict(shop.to_dict()) == shop
