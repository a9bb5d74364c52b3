"""The templates, and what all of them know."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context

from geostead.console.navigation import SECTIONS
from geostead.console.options import ConsoleOptions
from geostead.console.script_texts import SCRIPT_TEXTS
from geostead.console.static import built_files


def make_environment() -> Environment:
    """Make what fills in the templates: everything is escaped, and a name that is not there is an error."""
    environment = Environment(
        loader=PackageLoader("geostead.console"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(_gettext, _ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.globals.update(asset=_asset, script_settings=_script_settings, sections=SECTIONS)
    return environment


@pass_context
def _gettext(context: Context, text: str) -> str:
    return context["visit"].texts.gettext(text)  # type: ignore[no-any-return]


@pass_context
def _ngettext(context: Context, one: str, many: str, count: int) -> str:
    return context["visit"].texts.ngettext(one, many, count)  # type: ignore[no-any-return]


@pass_context
def _asset(context: Context, name: str) -> str:
    """Return the URL of a file: ``{{ asset("console.css") }}``."""
    return built_files().url(context["visit"].root, name)


@pass_context
def _script_settings(context: Context) -> dict[str, Any]:
    """Return what ``settings.js`` hands to scripts."""
    visit, built = context["visit"], built_files()
    options: ConsoleOptions = visit.options
    shown_by_scripts = [name for name in built.names if name.endswith(".json") or name == "map-worker.js"]
    return {
        "root": visit.root,
        "csrf": visit.csrf_token,
        "person": visit.signed_in.person.id if visit.signed_in else "",
        "signedInAt": visit.signed_in.session.created_at.timestamp() if visit.signed_in else 0,
        "language": visit.language,
        "files": {name: built.url(visit.root, name) for name in shown_by_scripts},
        "map": {
            "styleUrl": options.map_style_url,
            "tilesUrl": options.map_tiles_url,
            "attribution": options.map_attribution,
        },
        "texts": {text: said for text in SCRIPT_TEXTS if (said := visit.texts.gettext(text)) != text},
    }
