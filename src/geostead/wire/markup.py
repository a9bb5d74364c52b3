"""XML, put together from strings: documents here are small, flat, and compared byte by byte."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from geostead.wire.escapes import xml_text

DECLARATION = '<?xml version="1.0" encoding="utf-8"?>'


def element(name: str, attributes: Mapping[str, str], children: Iterable[str] = ()) -> str:
    """Write an element. Attribute values are plain text, children are markup; without children it is ``<name/>``."""
    opening = name + "".join(f' {key}="{xml_text(value)}"' for key, value in attributes.items())
    content = "".join(children)
    return f"<{opening}>{content}</{name}>" if content else f"<{opening}/>"


def text_element(name: str, text: object, attributes: Mapping[str, str] | None = None) -> str:
    """Write an element that holds nothing but text."""
    return element(name, attributes or {}, [xml_text(str(text))])


def truth(value: object) -> str:
    """Write a boolean as XML Schema and the service documents do: ``true`` or ``false``."""
    return "true" if value else "false"
