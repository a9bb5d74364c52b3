"""Streams XML in bounded memory and without its dangers: no DTD, no entities, no network, no depth without end.

expat rather than lxml: it reports a DTD before it reads it, and hands out text in pieces, so that nothing that an
upload can hold makes this process large.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NoReturn
from xml.parsers import expat

from geostead.errors import UnreadableUpload
from geostead.formats.archive import DataFile

MAX_DEPTH = 100
DATA_SET = "a data set with inline schema"
_CHUNK_BYTES = 2**18
_MAX_MARKUP_BYTES = 2**20
_MAX_NAMES = 10_000
_NAMESPACE_SEPARATOR = " "
_SYNTAX_ERROR = expat.errors.codes[expat.errors.XML_ERROR_SYNTAX]
_INVALID_TOKEN = expat.errors.codes[expat.errors.XML_ERROR_INVALID_TOKEN]


def make_parser(*, with_namespaces: bool = True) -> expat.XMLParserType:
    """Make a parser that takes the bytes for UTF-8 whatever they declare, and refuses document type declarations.

    (.NET writes ``encoding="utf-16"`` over text that is then stored as UTF-8.) Names come as ``namespace local``;
    without namespaces they come as they are written, and prefixes need not be declared.
    """
    parser = expat.ParserCreate("utf-8", _NAMESPACE_SEPARATOR if with_namespaces else None)
    parser.buffer_text = True
    parser.buffer_size = 2**16
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartNamespaceDeclHandler = _count_name
    return parser


def feed(
    parser: expat.XMLParserType, data: DataFile, place: Callable[[], str] = str, expected: str = DATA_SET
) -> Iterator[int]:
    """Parse to the end; after each piece return its size in bytes.

    Raises UnreadableUpload where it is not XML, with what ``place`` says at that moment, such as "Element 3", or, if it
    is none from the beginning, with what was ``expected``.
    """
    fed = 0
    try:
        while piece := data.read(_CHUNK_BYTES):
            parser.Parse(piece, False)
            fed += len(piece)
            _check_held(parser, fed)
            yield len(piece)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise UnreadableUpload(_explain(error, fed, place(), expected)) from error


def namespace_of(name: str) -> str:
    """Return the namespace of a name; '' if it is in none."""
    return name.rpartition(_NAMESPACE_SEPARATOR)[0]


def local_name(name: str) -> str:
    """Return a name without its namespace."""
    return name.rpartition(_NAMESPACE_SEPARATOR)[2]


def refuse_depth() -> NoReturn:
    """Raise UnreadableUpload for more than MAX_DEPTH levels."""
    raise UnreadableUpload(f"The XML is nested over {MAX_DEPTH} levels deep.")


def _check_held(parser: expat.XMLParserType, fed: int) -> None:
    """Refuse what makes the parser large: an open tag or comment, held whole, and names, each held to the end."""
    line = f"Line {parser.CurrentLineNumber}"
    if fed - parser.CurrentByteIndex > _MAX_MARKUP_BYTES:
        raise UnreadableUpload(f"{line}: a tag or comment is never closed, or longer than {_MAX_MARKUP_BYTES:,} bytes.")
    if len(parser.intern) > _MAX_NAMES:
        raise UnreadableUpload(
            f"{line}: up to here the XML has more than {_MAX_NAMES:,} different names of elements, attributes and "
            "namespaces; expected one name for each property."
        )


def _count_name(*_: object) -> None:
    """Make the parser put the names of namespaces among those it has seen, by being there."""


def _refuse_doctype(*_: object) -> NoReturn:
    raise UnreadableUpload("The XML has a document type declaration (<!DOCTYPE …>), which is not allowed here.")


def _explain(error: expat.ExpatError, fed: int, place: str, expected: str) -> str:
    line = f"line {error.lineno}, column {error.offset + 1}"
    if error.code == _SYNTAX_ERROR and fed == 0 and error.lineno == 1:
        return f"The upload is not XML ({line}). Expected {expected}; is input= right?"
    where = f"{place} ({line})" if place else line.capitalize()
    reason = expat.ErrorString(error.code)
    if error.code == _INVALID_TOKEN:
        reason += "; expected text in UTF-8 without control characters, & and < written as &amp; and &lt;"
    return f"{where}: the upload is not well-formed XML in UTF-8: {reason}."
