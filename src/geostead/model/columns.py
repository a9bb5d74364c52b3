"""Entities as columns: how Edm types map to Arrow types. Readers produce this form, snapshots keep it.

==================  ==============  ==========================================================
Edm type            Arrow type      a missing value is
==================  ==============  ==========================================================
``Edm.String``      ``string``      ``''``: missing and empty are one value; never null
``Edm.Int64``       ``int64``       null
``Edm.Boolean``     ``bool``        null
``Edm.Double``      ``float64``     null; never NaN or infinite
``Edm.DateTime``    ``int64``       null; else ticks (:mod:`geostead.model.instant`)
``Edm.Geography``   ``binary``      null; else two-dimensional WKB, little endian, lon lat
==================  ==============  ==========================================================
"""

from __future__ import annotations

import pyarrow as pa

from geostead.model.entity_type import EdmType, EntityType

ARROW_TYPES: dict[EdmType, pa.DataType] = {
    EdmType.STRING: pa.string(),
    EdmType.INT64: pa.int64(),
    EdmType.BOOLEAN: pa.bool_(),
    EdmType.DOUBLE: pa.float64(),
    EdmType.DATETIME: pa.int64(),
    EdmType.GEOGRAPHY: pa.binary(),
}


def arrow_schema(entity_type: EntityType) -> pa.Schema:
    """Return the columns of an entity type, in schema order."""
    return pa.schema([pa.field(p.name, ARROW_TYPES[p.type]) for p in entity_type.properties])
