"""What leads from page to page."""

from __future__ import annotations

from dataclasses import dataclass

from geostead.console.texts import mark
from geostead.model.person import Role


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the console; its first page is in the navigation."""

    name: str
    """What a template says it belongs to: ``{% set section = "jobs" %}``."""
    path: str
    title: str
    """In English."""
    role: Role = Role.VIEWER
    """Who sees it there."""


SECTIONS = (
    Section("data-sources", "/accounts/{account}/data-sources", mark("Data sources")),
    Section("upload", "/accounts/{account}/uploads/new", mark("Upload"), Role.EDITOR),
    Section("jobs", "/accounts/{account}/jobs", mark("Jobs")),
    Section("keys", "/accounts/{account}/keys", mark("Keys")),
    Section("usage", "/accounts/{account}/usage", mark("Usage")),
    Section("members", "/accounts/{account}/members", mark("Members")),
    Section("limits", "/accounts/{account}/limits", mark("Limits")),
)
