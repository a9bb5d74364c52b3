"""Sessions of the console: a signed cookie, and the tokens of its forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from geostead.console.visit import Visit
from geostead.model.access import digest_of

COOKIE = "geostead_session"


class Sessions:
    """Recognises who comes back, and whether a form is one of ours."""

    def recognise(self, visit: Visit, cookies: Mapping[str, str]) -> Visit:
        """Return the visit with the session that its cookie names, if there is one."""
        value = cookies.get(COOKIE)
        if not value:
            return visit
        found = visit.services.catalog.find_session(digest_of(value), visit.services.now())
        return replace(visit, signed_in=found)

    def check_form(self, visit: Visit) -> None:
        """Raise NotAuthorized unless the form, or the header X-CSRF-Token, has the token of the session."""
