"""The small parts that the description is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

Node = dict[str, Any]
"""An object of the document, as plain data for JSON."""


def ref(kind: str, name: str) -> Node:
    """Refer to a component: ``kind`` is ``schemas``, ``parameters``, ``headers``, ``responses`` or ``examples``."""
    return {"$ref": f"#/components/{kind}/{name}"}


def schema(name: str) -> Node:
    """Refer to a schema."""
    return ref("schemas", name)


def one_of_words(words: Iterable[str]) -> Node:
    """Describe a text that is one of these."""
    return {"type": "string", "enum": [word.value if isinstance(word, Enum) else word for word in words]}


def closed_object(members: Mapping[str, Node], *, optional: Iterable[str] = (), **more: Any) -> Node:
    """Describe an object that has these members and no other; those not named as optional are always there."""
    left_out = set(optional)
    return {
        "type": "object",
        "properties": dict(members),
        "required": [name for name in members if name not in left_out],
        "additionalProperties": False,
        **more,
    }


def array_of(item: Node, **more: Any) -> Node:
    """Describe an array."""
    return {"type": "array", "items": item, **more}
