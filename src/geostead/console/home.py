"""Where somebody arrives."""

from __future__ import annotations

from starlette.responses import Response

from geostead.console.visit import Visit


def show(visit: Visit) -> Response:
    """Lead to the data sources of the only account, or show which there are."""
    memberships = visit.signed_in.memberships if visit.signed_in else ()
    if len(memberships) == 1:
        return visit.to("/accounts/{account}/data-sources", account=memberships[0].account.name)
    return visit.page("home.html", memberships=memberships)
