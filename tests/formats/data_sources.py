"""Entity types of every shape, and entities with every value that can be kept: what comes out must go in again."""

from __future__ import annotations

import string

import pyarrow as pa
import shapely
from hypothesis import strategies as st

from geostead.model.entity_type import EdmType, EntityType, Property
from geostead.model.instant import MAX_TICKS
from tests.entities import columns_of


def names(first: str, rest: str) -> st.SearchStrategy[str]:
    return st.builds(lambda head, tail: head + tail, st.sampled_from(first), st.text(rest, max_size=12))


property_names = names(string.ascii_letters, string.ascii_letters + string.digits + "_")
entity_type_names = names(string.ascii_letters + "_", string.ascii_letters + string.digits + "-")
texts = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")
    | st.sampled_from("\t\r\n&<>]'\""),
    max_size=20,
)
positions = st.tuples(st.floats(-180, 180), st.floats(-90, 90))
shapes = st.one_of(
    positions.map(shapely.Point),
    st.lists(positions, min_size=2, max_size=5, unique=True).map(shapely.LineString),
    st.lists(positions, min_size=1, max_size=4).map(shapely.MultiPoint),
    positions.map(lambda at: shapely.Point(at).buffer(1e-3, quad_segs=2)),
    st.lists(positions, min_size=2, max_size=3, unique=True).map(
        lambda line: shapely.GeometryCollection([shapely.LineString(line), shapely.MultiLineString([line])])
    ),
).filter(lambda shape: shape.is_valid and shapely.box(-180, -90, 180, 90).covers(shape))

VALUES: dict[EdmType, st.SearchStrategy[object]] = {
    EdmType.STRING: texts,
    EdmType.INT64: st.none() | st.integers(-(2**63), 2**63 - 1),
    EdmType.BOOLEAN: st.none() | st.booleans(),
    EdmType.DOUBLE: st.none() | st.floats(allow_nan=False, allow_infinity=False),
    EdmType.DATETIME: st.none() | st.integers(0, MAX_TICKS),
    EdmType.GEOGRAPHY: st.none() | shapes.map(lambda shape: shapely.to_wkb(shape, byte_order=1)),
}


@st.composite
def entity_types(draw: st.DrawFn) -> EntityType:
    reserved = {"latitude", "longitude", "shape", "xml"}
    chosen = draw(st.lists(property_names, min_size=1, max_size=6, unique_by=str.lower))
    chosen = [name for name in chosen if name.lower() not in reserved] or ["Key"]
    plain = st.sampled_from([t for t in EdmType if t is not EdmType.GEOGRAPHY])
    properties = [Property(chosen[0], EdmType.STRING), *(Property(name, draw(plain)) for name in chosen[1:])]
    has_shape = draw(st.booleans())
    if has_shape:
        properties.append(Property("Shape", EdmType.GEOGRAPHY))
    if not has_shape or draw(st.booleans()):
        properties += [Property("latitude", EdmType.DOUBLE), Property("Longitude", EdmType.DOUBLE)]
    return EntityType.declare(draw(entity_type_names), draw(st.permutations(properties)), [chosen[0]])


@st.composite
def data_sources(draw: st.DrawFn) -> tuple[EntityType, pa.RecordBatch]:
    entity_type = draw(entity_types())
    entities = draw(
        st.lists(st.fixed_dictionaries({p.name: VALUES[p.type] for p in entity_type.properties}), max_size=5)
    )
    for number, entity in enumerate(entities):
        entity[entity_type.key_name] = f"{entity[entity_type.key_name]}{number}"
        place = draw(st.none() | positions)
        if place is None and entity.get("Shape") is not None:
            place = draw(positions)  # else loading computes the centroid
        entity[entity_type.longitude_name], entity[entity_type.latitude_name] = place or (None, None)
    return entity_type, columns_of(entity_type, entities)
