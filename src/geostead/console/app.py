"""The console: every page on one screen, with the role that it takes."""

from __future__ import annotations

from starlette.routing import Mount, Router
from starlette.types import ASGIApp

from geostead.console import (
    data_sources,
    downloads,
    drafts,
    entities,
    home,
    jobs,
    keys,
    limits,
    members,
    nowhere,
    uploads,
    usage,
    versions,
)
from geostead.console.headers import SafeHeaders
from geostead.console.me import Me
from geostead.console.openid import OpenIdOptions, OpenIdProvider
from geostead.console.options import ConsoleOptions
from geostead.console.own_data_source import ALL, ONE
from geostead.console.page import Needs, Office, Page
from geostead.console.rendering import make_environment
from geostead.console.sessions import Sessions
from geostead.console.set_password import SetPassword
from geostead.console.sign_in import SignIn
from geostead.console.sign_in_elsewhere import SignInElsewhere
from geostead.console.static import MOUNT, built_files
from geostead.http.base_urls import BaseUrls
from geostead.model.person import Role
from geostead.operations.services import Services

OPEN = Needs(to_read=None, to_act=None)
OWNERS_ACT = Needs(to_act=Role.OWNER)

EDITORS = Needs(to_read=Role.EDITOR)


def create_console(services: Services, options: ConsoleOptions, base_urls: BaseUrls) -> ASGIApp:
    """Build the application that is mounted at ``/console``."""
    office = Office(services, options, base_urls, make_environment(), Sessions(services))
    routes = [Mount(MOUNT, built_files()), *pages(office)]
    return SafeHeaders(Router(routes, redirect_slashes=False), options)


def pages(office: Office) -> list[Page]:
    """Return every page. Reading takes the role viewer and acting editor where nothing else is said."""
    openid = office.options.openid
    entrance = SignIn(office.sessions, openid.name if openid else None)
    me = Me(office.sessions, entrance.hashing)
    first_password = SetPassword(entrance)
    return [
        Page("", office, home.show),
        Page("/", office, home.show),
        Page("/sign-in", office, entrance.show, entrance.enter, OPEN),
        Page("/sign-out", office, acts=entrance.leave, needs=OPEN),
        Page("/set-password", office, first_password.show, first_password.act, OPEN),
        Page("/me", office, me.show),
        Page("/me/name", office, acts=me.rename),
        Page("/me/password", office, acts=me.change_password),
        Page("/me/password-changed", office, me.show_changed),
        Page("/me/sign-out-everywhere", office, acts=me.leave_everywhere),
        Page("/accounts/{account}/leave", office, acts=me.leave_account, needs=Needs(to_act=Role.VIEWER)),
        Page("/accounts/{account}/members", office, members.show, members.add, OWNERS_ACT),
        Page("/accounts/{account}/members/{person}/role", office, acts=members.change, needs=OWNERS_ACT),
        Page("/accounts/{account}/members/{person}/link", office, acts=members.renew, needs=OWNERS_ACT),
        Page("/accounts/{account}/members/{person}/remove", office, acts=members.remove, needs=OWNERS_ACT),
        *_data_sources(office),
        *_jobs(office),
        *_keys(office),
        *_usage_and_limits(office),
        Page(uploads.NEW, office, uploads.show_new, uploads.receive, EDITORS, takes_file=True),
        Page(uploads.ONE, office, uploads.show, uploads.act, EDITORS),
        *([] if openid is None else _openid_pages(office, entrance, openid)),
        *_explorer(office),
        # What is asked for last: whatever no page above is.
        Page("/{rest:path}", office, nowhere.show, needs=Needs(to_read=None)),
    ]


def _data_sources(office: Office) -> list[Page]:
    return [
        Page(ALL, office, data_sources.show_list),
        Page(ONE, office, data_sources.show),
        Page(f"{ONE}/examples", office, data_sources.show, data_sources.show, Needs(to_act=Role.VIEWER)),
        Page(f"{ONE}/access", office, acts=data_sources.change_access),
        Page(f"{ONE}/delete", office, data_sources.ask_about_deletion, data_sources.delete, EDITORS),
        Page(f"{ONE}/versions/{{version}}", office, versions.show),
        Page(f"{ONE}/versions/{{version}}/changes", office, versions.show_changes),
        Page(f"{ONE}/versions/{{version}}/publish", office, acts=versions.publish),
        Page(f"{ONE}/versions/{{version}}/delete", office, acts=versions.delete_staged),
        Page(f"{ONE}/versions/{{version}}/downloads", office, acts=downloads.start),
        Page(f"{ONE}/downloads/{{job}}", office, downloads.show, needs=EDITORS),
        Page(f"{ONE}/downloads/{{job}}/{{format}}", office, downloads.fetch, needs=EDITORS),
    ]


def _jobs(office: Office) -> list[Page]:
    return [
        Page("/accounts/{account}/jobs", office, jobs.show_list),
        Page("/accounts/{account}/jobs/{job}", office, jobs.show),
        Page("/accounts/{account}/jobs/{job}/log", office, jobs.send_log),
        Page("/accounts/{account}/jobs/{job}/cancel", office, acts=jobs.cancel),
    ]


def _keys(office: Office) -> list[Page]:
    one = f"{keys.ALL}/{{key}}"
    owners = Needs(to_read=Role.OWNER, to_act=Role.OWNER)
    return [
        Page(keys.ALL, office, keys.show, keys.create, OWNERS_ACT),
        Page(one, office, keys.show_one, keys.change, owners),
        Page(f"{one}/revoke", office, acts=keys.revoke, needs=OWNERS_ACT),
        Page(f"{one}/rotate", office, acts=keys.rotate, needs=OWNERS_ACT),
    ]


def _usage_and_limits(office: Office) -> list[Page]:
    return [
        Page("/accounts/{account}/usage", office, usage.show),
        Page("/accounts/{account}/usage/csv", office, usage.send_csv),
        Page(limits.ALL, office, limits.show, limits.change, OWNERS_ACT),
        Page(f"{limits.ALL}/profile", office, acts=limits.use_profile, needs=OWNERS_ACT),
    ]


def _openid_pages(office: Office, entrance: SignIn, openid: OpenIdOptions) -> list[Page]:
    elsewhere = SignInElsewhere(entrance, OpenIdProvider(openid, office.services.now))
    return [
        Page("/openid/start", office, elsewhere.start, needs=OPEN),
        Page("/openid/callback", office, elsewhere.finish, needs=OPEN),
    ]


def _explorer(office: Office) -> list[Page]:
    return [
        Page(f"{ONE}/entities", office, entities.show),
        Page(f"{ONE}/entities/rows", office, entities.rows),
        Page(f"{ONE}/entities/one", office, entities.one),
        Page(f"{ONE}/entities/extent", office, entities.extent),
        Page(f"{ONE}/entities/help", office, entities.explain),
        Page(f"{ONE}/entities/values", office, entities.values),
        Page(f"{ONE}/tiles/{{z}}/{{x}}/{{y}}.mvt", office, entities.tile),
        Page(f"{ONE}/draft", office, drafts.show),
        Page(f"{ONE}/draft/status", office, drafts.show_status),
        Page(f"{ONE}/draft/new-id", office, drafts.show_new_id),
        Page(f"{ONE}/draft/one", office, drafts.show_one),
        Page(f"{ONE}/draft/add", office, acts=drafts.add),
        Page(f"{ONE}/draft/change", office, acts=drafts.change),
        Page(f"{ONE}/draft/move", office, acts=drafts.move),
        Page(f"{ONE}/draft/delete", office, acts=drafts.delete),
        Page(f"{ONE}/draft/undo", office, acts=drafts.undo),
        Page(f"{ONE}/draft/schema", office, acts=drafts.change_schema),
        Page(f"{ONE}/draft/schema/undo", office, acts=drafts.undo_schema),
        Page(f"{ONE}/draft/discard", office, acts=drafts.discard),
        Page(f"{ONE}/draft/send", office, acts=drafts.send),
    ]
