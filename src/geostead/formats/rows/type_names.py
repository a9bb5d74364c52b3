"""What people call the Edm types, in both kinds of schema (data-formats.md, section 1)."""

from __future__ import annotations

from geostead.model.entity_type import EdmType

_SYNONYMS: dict[EdmType, str] = {
    EdmType.STRING: "string text varchar nvarchar char str",
    EdmType.INT64: "int64 int integer long int32 int16 bigint smallint short byte",
    EdmType.BOOLEAN: "boolean bool",
    EdmType.DOUBLE: "double float decimal number numeric real single",
    EdmType.DATETIME: "datetime date datetimeoffset timestamp",
    EdmType.GEOGRAPHY: "geography geometry anytype",
}
_BY_NAME = {name: edm_type for edm_type, names in _SYNONYMS.items() for name in names.split()}

TYPES_OF_TEXT = "Edm.String, Edm.Int64, Edm.Double, Edm.Boolean, Edm.DateTime or Edm.Geography"
"""What to expect in the schema line of delimited files."""
TYPES_OF_XML = "string, long, double, boolean, dateTime or anyType"
"""What to expect in an XML schema."""


def find_type(name: str) -> EdmType | None:
    """Return the type that a name means, in any case, with or without ``Edm.``; None if it means none."""
    return _BY_NAME.get(name.strip().lower().removeprefix("edm."))
