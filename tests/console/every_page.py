"""All pages of the console, with something on each: what the tests that walk over all of them go by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from re import findall

from geostead.console.app import pages
from geostead.console.options import ConsoleOptions
from geostead.console.page import Office, Page
from geostead.console.rendering import make_environment
from geostead.console.sessions import Sessions
from geostead.http.base_urls import BaseUrls
from geostead.http.options import HttpOptions
from geostead.model.person import Role
from geostead.operations.find_own import find_own
from geostead.operations.keep_upload import keep_upload
from geostead.operations.password_links import make_password_link
from geostead.operations.start_download import start_download
from geostead.operations.start_load import Upload
from tests.consoles import Team

SHOPS = b"""Bing Spatial Data Services, 1.0, Shops
EntityID(Edm.String,primaryKey)|Name(Edm.String)|Latitude(Edm.Double)|Longitude(Edm.Double)
1|Harbour|60.1699|24.9384
2|Market|59.3293|18.0686
3|Mill|55.6761|12.5683
"""
MORE_SHOPS = SHOPS + b"4|Tower|59.9139|10.7522\n"
ORDINARY = b"Shop,Lat,Lon\nHarbour,60.1699,24.9384\nMarket,59.3293,18.0686\n"
WITH_A_MISTAKE = SHOPS + b"5|Nowhere|91|10.7522\n"


class Furnished:
    """An account in which there is something of everything."""

    def __init__(self, team: Team) -> None:
        self.team = team
        self.first = str(team.load("Shops", SHOPS)["id"])
        """The load that made the version before the published one; so the id of that version, too."""
        team.load("Shops", MORE_SHOPS)
        self.mistaken = str(team.load("Mistakes", WITH_A_MISTAKE)["id"])
        team.load("Shops", SHOPS, loadOperation="completeStaging")
        self.owner = team.people[Role.OWNER].id

    @cached_property
    def download(self) -> str:
        """The id of a download that is done."""
        services, account = self.team.services, self.team.account
        own = find_own(services, account.id, "Shops")
        job = start_download(services, own.acting_key(), own.data_source.access_id, "Shops", None)
        self.team.server.finished(self.team.keys["master"], job.id, "DataSourceDownload")
        return job.id

    @cached_property
    def upload(self) -> str:
        """The id of a file that the owner has sent and not loaded yet."""
        services, person = self.team.services, self.team.people[Role.OWNER]
        return keep_upload(services, self.team.account, person, "shops.csv", Upload([ORDINARY])).id


Value = Callable[[Furnished], str]

PARTS: Mapping[str, Value] = {
    "account": lambda it: it.team.account.name,
    "name": lambda _it: "Shops",
    "version": lambda it: it.first,
    "job": lambda it: it.mistaken,
    "key": lambda _it: "query",
    "person": lambda it: it.owner,
    "format": lambda _it: "geojson",
    "upload": lambda it: it.upload,
    "z": lambda _it: "4",
    "x": lambda _it: "9",
    "y": lambda _it: "4",
}
"""What stands for the variable parts of a path. A page with a part of its own needs a line here."""

PARTS_OF: Mapping[str, Mapping[str, Value]] = {
    "/accounts/{account}/data-sources/{name}/downloads/{job}": {"job": lambda it: it.download},
    "/accounts/{account}/data-sources/{name}/downloads/{job}/{format}": {"job": lambda it: it.download},
}
"""Parts that are something else on these pages."""

QUERIES: Mapping[str, Value] = {
    "/accounts/{account}/data-sources/{name}/draft/one": lambda _it: "id=1",
    "/accounts/{account}/data-sources/{name}/entities/one": lambda _it: "id=1",
    "/accounts/{account}/data-sources/{name}/entities/values": lambda _it: "property=Name",
    "/set-password": lambda it: f"token={make_password_link(it.team.services, it.team.people[Role.VIEWER])}",
}
"""Query strings of pages that mean nothing without one."""

NOT_ON_THEIR_OWN = ("/openid/start", "/openid/callback", "/{rest:path}")
"""What is no page: steps on the way to an OpenID provider and back, and what answers where there is no page."""


@dataclass(frozen=True)
class Stop:
    """A page of the walk, with the URL that it has in a furnished account."""

    page: Page

    def __str__(self) -> str:
        return self.page.path or "(the console)"

    @property
    def is_open(self) -> bool:
        """Whether those see it, too, who have not signed in."""
        return self.page.needs.to_read is None

    def url(self, furnished: Furnished) -> str:
        """Return the URL of the page."""
        values = {**PARTS, **PARTS_OF.get(self.page.path, {})}
        names = [part.partition(":")[0] for part in findall(r"\{(.*?)\}", self.page.path)]
        unknown = [name for name in names if name not in values]
        assert unknown == [], f"say in PARTS of {__file__} what stands for {unknown} in {self.page.path}"
        path = self.page.path
        for name in names:
            path = path.replace(f"{{{name}}}", values[name](furnished))
        query = f"?{QUERIES[self.page.path](furnished)}" if self.page.path in QUERIES else ""
        return f"{furnished.team.server.url}/console{path}{query}"


def all_stops() -> list[Stop]:
    """Return every page that the console registers."""
    office = Office(None, ConsoleOptions(), BaseUrls(HttpOptions()), make_environment(), Sessions(None))  # type: ignore[arg-type]
    return [Stop(page) for page in pages(office) if page.path not in NOT_ON_THEIR_OWN]
