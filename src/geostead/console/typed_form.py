"""A form without a file: received whole, within a limit, and only then looked into."""

from __future__ import annotations

from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.types import Message, Scope

from geostead.errors import InvalidParameter
from geostead.http.uploads import RequestBody

MAX_FIELDS = 2_000
MAX_BYTES = 4 * 2**20
MAX_BYTES_OF_STRANGERS = 2**16
"""Likewise, of who has not signed in: an address, a password, and what browsers put around them."""


async def read_typed_form(scope: Scope, body: RequestBody, max_bytes: int) -> FormData:
    """Read what was typed. Raises InvalidParameter (``form``) where that is no form, UploadTooLarge, ClientGone."""
    content = await body.whole(max_bytes)

    async def receive() -> Message:
        return {"type": "http.request", "body": content}

    try:
        return await Request(scope, receive).form(max_fields=MAX_FIELDS, max_files=0)
    except MultiPartException as error:
        raise InvalidParameter("form", "", f"a form that can be read ({error.message})") from error
