"""The error log of a load: a table for whoever made the file, one issue a line (CSV, UTF-8)."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Protocol

_HEADER = ("severity", "location", "entityId", "property", "found", "expected")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class Issue(Protocol):
    """One thing about one row; :class:`geostead.formats.base.RowIssue` says what the parts mean."""

    @property
    def entity_id(self) -> str:
        """'' if the row has none."""

    @property
    def found(self) -> str:
        """The offending text."""

    @property
    def expected(self) -> str:
        """What should be there."""

    @property
    def is_error(self) -> bool:
        """Whether the row was left out."""

    @property
    def property(self) -> str:  # last, because it hides the decorator
        """The property concerned; '' if it is the whole row."""


def encode_error_log(reason: str | None, issues: Sequence[tuple[str, Issue]], unlisted: int) -> bytes:
    """Encode an error log.

    Args:
        reason: why the whole job was aborted; None if it was not.
        issues: the issues to list, each with its place in the upload ("line 17").
        unlisted: how many more issues there are; if any, the last line says so.
    """
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(_HEADER)
    if reason is not None:
        table.writerow(("aborted", "", "", "", cell_text(reason), ""))
    table.writerows(_line(location, issue) for location, issue in issues)
    if unlisted:
        table.writerow(("note", "", "", "", f"{unlisted:,} more issues are not listed", ""))
    return text.getvalue().encode("utf-8", "replace")


def _line(location: str, issue: Issue) -> tuple[str, ...]:
    severity = "error" if issue.is_error else "note"
    cells = (location, issue.entity_id, issue.property, issue.found, issue.expected)
    return severity, *map(cell_text, cells)


def cell_text(text: str) -> str:
    """Return text of others for a cell of a CSV file, so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
