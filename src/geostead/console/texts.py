"""Texts: English in templates and code, translated by the catalogues in ``locale``."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from pathlib import Path

DOMAIN = "console"
ENGLISH = "en"


def mark(text: str) -> str:
    """Return the text as it is: it is translated where it is shown, and found here by who collects texts."""
    return text


def locale_folder() -> Path:
    """Return the folder of the catalogues."""
    return Path(str(files("geostead.console") / "locale"))


@cache
def languages(folder: Path) -> tuple[str, ...]:
    """Return the languages that there are catalogues of, English first."""
    return (ENGLISH, *sorted(path.parent.parent.name for path in folder.glob(f"*/LC_MESSAGES/{DOMAIN}.mo")))


@cache
def translations(language: str, folder: Path) -> NullTranslations:
    """Return the texts in a language, one of :func:`languages`."""
    if language == ENGLISH:
        return NullTranslations()
    with (folder / language / "LC_MESSAGES" / f"{DOMAIN}.mo").open("rb") as catalogue:
        return GNUTranslations(catalogue)


def best_language(accepted: str, known: Sequence[str]) -> str:
    """Choose a language for the header ``Accept-Language``; English where none is known."""
    wanted = sorted(_ranges(accepted), key=lambda found: -found[1])
    for tag, quality in wanted:
        for language in known:
            if quality > 0 and (tag == language.lower() or tag.split("-")[0] == language.lower()):
                return language
    return ENGLISH


def _ranges(accepted: str) -> list[tuple[str, float]]:
    """Read a header ``Accept-Language``; a part that cannot be read counts for nothing."""
    found = []
    for part in accepted.lower().split(","):
        tag, _, quality = part.strip().partition(";q=")
        try:
            found.append((tag.strip().replace("_", "-"), float(quality or 1)))
        except ValueError:
            continue
    return found
