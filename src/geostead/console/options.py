"""What the operator decides about the console."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from geostead.console.openid import OpenIdOptions
from geostead.console.texts import locale_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleOptions:
    """Options of :func:`geostead.console.app.create_console`."""

    cli_options: str = ""
    """What commands on this installation end with, as `` --data-dir /srv/geostead``; shown until there is a user."""
    access_log: bool = False
    """Whether each request is logged."""
    openid: OpenIdOptions | None = None
    """The OpenID provider at which people may sign in; None: there is none."""
    map_style_url: str | None = None
    """URL of a MapLibre style that is shown beneath the places; None: the outline of the world that comes along."""
    map_tiles_url: str | None = None
    """Template of the URLs of picture tiles that are shown there instead; None: as ``map_style_url`` says."""
    map_attribution: str = ""
    """Whose map it is; '' if that is nobody's business, or the style says so itself."""
    locale_dir: Path = field(default_factory=locale_folder)
    """Folder of the catalogues of translations."""
