"""What the parameters of a request say (http-api.md, sections 1 and 3.1; query-language.md, section 3).

Names are kept in lower case. A parameter that is empty or bare is not there; of a repeated one the first counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar
from urllib.parse import unquote_plus

from geostead.errors import InvalidParameter
from geostead.model.data_source import DATA_SOURCE_NAME
from geostead.model.job import InputFormat, LoadOperation
from geostead.operations.start_load import LoadRequest
from geostead.query.options import QueryText

Parameters = Mapping[str, str]
"""Lower-case names and decoded values, none of them empty."""

T = TypeVar("T")

_BOOLEANS = {"1": True, "true": True, "0": False, "false": False}
_OPERATIONS = {word.value.lower(): word for word in LoadOperation}
_OPERATIONS["completestaged"] = LoadOperation.COMPLETE_STAGING  # the spelling of one page of the original documentation
_INPUTS = {word.value: word for word in InputFormat}


def parse(query_string: bytes) -> dict[str, str]:
    """Read a query string, decoding it once. Anything can be read; what is not UTF-8 comes back as U+FFFD."""
    text = query_string.decode("utf-8", "replace")
    is_encoded = "%" in text or "+" in text
    parameters: dict[str, str] = {}
    for pair in text.split("&"):
        name, _, value = pair.partition("=")
        if value:
            if is_encoded:
                name, value = unquote_plus(name), unquote_plus(value)
            parameters.setdefault(name.lower(), value)
    return parameters


def find(parameters: Parameters, *names: str) -> str | None:
    """Return the value of the first of these parameters that is there; names as documented."""
    for name in names:
        value = parameters.get(name.lower())
        if value is not None:
            return value
    return None


def flag(parameters: Parameters, *names: str) -> bool | None:
    """Read ``0``, ``1``, ``true`` or ``false``; None if absent. Raises InvalidParameter."""
    return choice(parameters, _BOOLEANS, *names)


def choice(parameters: Parameters, words: Mapping[str, T], *names: str) -> T | None:
    """Read one of these (lower-case) words in any case; None if absent. Raises InvalidParameter."""
    value = find(parameters, *names)
    if value is None:
        return None
    found = words.get(value.strip().lower())
    if found is None:
        raise InvalidParameter(names[0], value, _listed(words))
    return found


def required(parameters: Parameters, words: Mapping[str, T], name: str) -> T:
    """Read one of these words. Raises InvalidParameter also if the parameter is absent."""
    found = choice(parameters, words, name)
    if found is None:
        raise InvalidParameter(name, "", _listed(words))
    return found


def read_load(parameters: Parameters, *, strict: bool) -> LoadRequest:
    """Read what the sender of an upload asks for. Raises InvalidParameter.

    ``strict`` tells whether a load that does not say is strict.
    """
    asked_strict = flag(parameters, "strict")
    return LoadRequest(
        data_source_name=_data_source_name(parameters),
        access_id=find(parameters, "accessId"),
        operation=required(parameters, _OPERATIONS, "loadOperation"),
        input=required(parameters, _INPUTS, "input"),
        set_public=flag(parameters, "setPublic"),
        query_key=find(parameters, "queryKey"),
        description=find(parameters, "description"),
        strict=strict if asked_strict is None else asked_strict,
        location=find(parameters, "dataLocation"),
    )


def read_public(parameters: Parameters) -> bool:
    """Read whether a data source shall be public. Raises InvalidParameter also if nothing is said about it."""
    return required(parameters, _BOOLEANS, "setPublic")


def read_staging(parameters: Parameters) -> bool:
    """Tell whether a request is about the staged version, and not about the published one. Raises InvalidParameter."""
    return flag(parameters, "isStaging", "isStaged") or False


def read_query(parameters: Parameters, max_page_size: int) -> QueryText:
    """Read the options of a query, as they stand there."""
    get = parameters.get
    return QueryText(
        get("$filter"),
        get("spatialfilter"),
        get("$select"),
        get("$orderby"),
        get("$top"),
        get("$pagesize"),
        get("$skip"),
        get("$inlinecount"),
        max_page_size,
    )


def wants_all_versions(parameters: Parameters) -> bool:
    """Tell whether ``showAllVersions`` is set: any value but ``false`` and ``0`` means true (C16)."""
    return parameters.get("showallversions", "0").strip().lower() not in ("0", "false")


def _data_source_name(parameters: Parameters) -> str | None:
    name = find(parameters, "dataSourceName")
    if name is not None and not DATA_SOURCE_NAME.match(name):
        raise InvalidParameter("dataSourceName", name, "1 to 50 letters, digits and characters out of ~`!$^_={}-")
    return name


def _listed(words: Mapping[str, object]) -> str:
    """List words for a message, each once and spelled as documented: "csv, tab or xml"."""
    spelled = (word.value if isinstance(word, StrEnum) else name for name, word in words.items())
    *others, last = dict.fromkeys(spelled)
    return f"{', '.join(others)} or {last}" if others else last
