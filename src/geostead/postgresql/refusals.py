"""Telling a server that does not let us in from one that is away."""

from __future__ import annotations

import re

import psycopg
from psycopg import errors

_REFUSALS = re.compile(
    r"password authentication failed|no password supplied|no pg_hba\.conf entry|permission denied for database"
    r"|(role|database) \".*\" does not exist|is not permitted to log in"
)
"""What a server that speaks English says to who may not connect. Until it has connected, libpq keeps the codes to
itself; of a server with another language it cannot be told whether trying again helps."""


def is_refusal(error: BaseException) -> bool:
    """Tell whether an error of the driver says that the server does not let us do what we have to, ask as we may."""
    if isinstance(error, errors.InsufficientPrivilege):
        return True
    is_connecting = isinstance(error, psycopg.OperationalError) and error.sqlstate is None
    return is_connecting and _REFUSALS.search(str(error)) is not None
