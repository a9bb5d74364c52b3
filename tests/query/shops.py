"""The entity type and the entities that the tests of this room ask about."""

from geostead.model.entity_type import EdmType, EntityType, Property

CODE = Property("ShopCode", EdmType.STRING)
NAME = Property("Name", EdmType.STRING)
TYPE_ID = Property("EntityTypeID", EdmType.STRING)
SEATS = Property("Seats", EdmType.INT64)
OPEN = Property("Open", EdmType.BOOLEAN)
RATING = Property("Rating", EdmType.DOUBLE)
ELEVATION = Property("Elevation", EdmType.DOUBLE)
FOUNDED = Property("Founded", EdmType.DATETIME)
AREA = Property("Area", EdmType.GEOGRAPHY)

PLENTY = 10_000
"""More points than a shape of these tests has."""

SHOPS = EntityType.declare(
    "Shops",
    [
        CODE,
        NAME,
        TYPE_ID,
        SEATS,
        OPEN,
        RATING,
        ELEVATION,
        FOUNDED,
        AREA,
        Property("Latitude", EdmType.DOUBLE),
        Property("Longitude", EdmType.DOUBLE),
    ],
    ["ShopCode"],
)
