"""The header ``Warning``: what a reply says about how its query was understood."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from geostead.http.bare_replies import Headers

_NOT_IN_WARNING = re.compile(r"[^ !#-\[\]-~]")
_ACCENTS = re.compile("[\u0300-\u036f]")
_MAX_LENGTH = 1500
_MAX_NAMES, _MAX_NAME_LENGTH = 20, 50


def warning_headers(remarks: Iterable[str], unknown_names: Sequence[str]) -> Headers:
    """Return a header for each remark, and one for the names that ``$select`` asked for in vain."""
    return tuple((b"warning", f'299 - "{_quotable(text)}"'.encode()) for text in _texts(remarks, unknown_names))


def _texts(remarks: Iterable[str], unknown_names: Sequence[str]) -> Iterator[str]:
    yield from remarks
    if unknown_names:
        names = ", ".join(name[:_MAX_NAME_LENGTH] for name in unknown_names[:_MAX_NAMES])
        yield f"$select: these properties do not exist and were left out: {names}"


def _quotable(text: str) -> str:
    """Leave what may stand in a quoted string: letters without their accents, ``?`` for what is not ASCII at all."""
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", text[:_MAX_LENGTH]))
    return _NOT_IN_WARNING.sub("?", plain[:_MAX_LENGTH])
