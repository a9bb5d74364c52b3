"""One request, as the handlers of pages see it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from gettext import NullTranslations
from typing import Any
from urllib.parse import quote

from jinja2 import Environment
from starlette.datastructures import FormData, Headers, QueryParams
from starlette.responses import HTMLResponse, RedirectResponse, Response

from geostead.catalog.people_port import SignedIn
from geostead.console.file_form import FileForm
from geostead.console.options import ConsoleOptions
from geostead.console.texts import best_language, languages, translations
from geostead.model.access import Account
from geostead.model.person import Person, Role
from geostead.operations.services import Services
from geostead.telemetry.trace import Trace


@dataclass(frozen=True, slots=True)
class Membership:
    """The account whose page it is, and what the person may do there."""

    account: Account
    role: Role


@dataclass(frozen=True, slots=True)
class Visit:
    """What was asked, by whom, and what is needed to answer."""

    services: Services
    options: ConsoleOptions
    environment: Environment
    method: str
    has_page: bool
    """Whether there is anything to read at the URL, too, where this is a form that was sent there."""
    path: Mapping[str, str]
    """The variable parts of the path, decoded."""
    query: QueryParams
    headers: Headers
    base_url: str
    """The base URL of the whole service, without a slash at its end; the console is below ``/console``."""
    root: str
    """The path of the console: '/console', behind a proxy perhaps with something before it."""
    trace: Trace
    client: str
    """The address that the request came from; '' if it has none."""
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)
    form: FormData = field(default_factory=FormData)
    """What was typed; empty unless the request is a POST of a form."""
    file: FileForm | None = field(default=None, repr=False)
    """The file that is still arriving, on a page that takes one."""
    signed_in: SignedIn | None = None
    """Who asks; None on pages that need no session, if there is none."""
    membership: Membership | None = None
    """The account of the URL; None where the URL names none."""
    csrf_token: str = ""
    """What forms and scripts send back."""
    bound_to: str = field(default="", repr=False)
    """What the tokens of this visit's forms are good for: the session, or the browser where there is none."""

    @property
    def trace_id(self) -> str:
        """The id under which what goes wrong is logged."""
        return self.trace.id

    @property
    def person(self) -> Person:
        """The person who asks, on a page that needs a session."""
        assert self.signed_in is not None
        return self.signed_in.person

    @property
    def account(self) -> Account:
        """The account of the URL, on a page whose URL names one."""
        assert self.membership is not None
        return self.membership.account

    @property
    def is_live_part(self) -> bool:
        """Whether htmx asks for a part of a page."""
        return self.headers.get("hx-request") == "true"

    @property
    def language(self) -> str:
        """The language of the reply, by what the browser accepts and what there is a catalogue of: 'en'."""
        return best_language(self.headers.get("accept-language", ""), languages(self.options.locale_dir))

    @property
    def texts(self) -> NullTranslations:
        """The catalogue of that language."""
        return translations(self.language, self.options.locale_dir)

    def _(self, text: str, **values: object) -> str:
        """Translate a text; ``%(name)s`` in it stands for a value: ``visit._("Moved %(name)s.", name=found.name)``."""
        return self.texts.gettext(text) % values

    def url(self, path: str, **parts: str) -> str:
        """Return the URL of a page: ``visit.url("/accounts/{account}/jobs")``.

        ``{account}`` and the like are filled in with ``parts``, the account with the one of this visit by default.
        """
        named = {"account": self.membership.account.name} if self.membership else {}
        return self.root + path.format_map({name: quote(part, safe="") for name, part in (named | parts).items()})

    def text(self, name: str) -> str:
        """Return what was typed into a field of the form; '' if nothing was."""
        typed = self.form.get(name)
        return typed if isinstance(typed, str) else ""

    @property
    def page_number(self) -> int:
        """The page of a list that the URL asks for, 1 where it does not; there may be no such page."""
        return whole_number(self.query.get("page", ""), 7) or 1

    def may(self, role: Role | str) -> bool:
        """Tell whether the person may do in this account what needs ``role``."""
        return self.membership is not None and self.membership.role.includes(Role(role))

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """Fill in a template; it knows the visit as ``visit`` besides ``values``."""
        text = self.environment.get_template(template).render(visit=self, **values)
        return HTMLResponse(text, status)

    def to(self, path: str, **parts: str) -> Response:
        """Lead to another page, as after a form that was acted on."""
        return self.to_url(self.url(path, **parts))

    def to_url(self, url: str) -> Response:
        """Do the same with a URL that :meth:`url` made, and what was added to it."""
        if self.is_live_part:
            return Response(status_code=204, headers={"HX-Redirect": url})
        return RedirectResponse(url, status_code=303)


def whole_number(text: str, most_digits: int) -> int | None:
    """Read a number of ASCII digits, as many as ``most_digits``; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= most_digits else None


PageHandler = Callable[[Visit], Response | Awaitable[Response]]
"""Answers a visit: reads what was typed, calls an operation, fills in a template. Raises GeosteadError."""
