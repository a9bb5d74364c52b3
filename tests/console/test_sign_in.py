"""Signing in and out by way of pages, and who tries to get in otherwise."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx
import pytest
from playwright.sync_api import Page

from geostead.model.limits import PROFILES
from geostead.model.person import Person, Role
from geostead.operations.assign_role import assign_role
from geostead.operations.create_account import create_account
from geostead.operations.create_person import create_person
from geostead.operations.password_links import make_password_link
from geostead.operations.remove_person import remove_person
from geostead.operations.services import Services
from geostead.operations.start_session import SESSION_LASTS
from geostead.telemetry.measures import REQUESTS
from geostead.telemetry.node_meters import NodeMeters
from geostead.telemetry.own_process import Role as RunsAs
from tests.browsers import Watch
from tests.consoles import Console
from tests.installations import Clock
from tests.passwords import CountingHasher
from tests.visitors import Visitor, console_of, serving

EMAIL = "ada@example.com"
GOOD = "correct horse battery staple"
PASSWORD = "correct horse battery"
FRONT = "/console"


@pytest.fixture
def ada(services: Services, hasher: CountingHasher) -> Person:
    create_account(services, "acme", PROFILES["self-hosted"])
    return create_person(services, EMAIL, PASSWORD, account_name="acme", role=Role.OWNER)


@pytest.fixture
def url(services: Services, ada: Person) -> Iterator[str]:
    with serving(console_of(services)) as url:
        yield url


@pytest.fixture
def visitor(url: str) -> Visitor:
    return Visitor(url)


@pytest.fixture
def member(url: str) -> Visitor:
    """Return somebody who has signed in."""
    visitor = Visitor(url)
    assert visitor.sign_in(EMAIL, PASSWORD).status_code == 303
    return visitor


def set_cookies(reply: httpx.Response, name: str = "geostead_session") -> list[str]:
    return [value for value in reply.headers.get_list("set-cookie") if name in value.partition("=")[0]]


def test_who_has_no_session_is_led_to_the_form_and_from_there_back(visitor: Visitor) -> None:
    led = visitor.read("/console/accounts/acme/members?page=2")
    assert led.status_code == 303
    assert led.headers["location"] == "/console/sign-in?next=%2Faccounts%2Facme%2Fmembers%3Fpage%3D2"
    back = visitor.sign_in(EMAIL, PASSWORD, "/accounts/acme/members?page=2")
    assert back.status_code == 303
    assert back.headers["location"] == "/console/accounts/acme/members?page=2"
    assert visitor.is_in


AWAY = [
    "//evil.example",
    "\\\\evil.example",
    "/\\evil.example",
    "https://evil.example/",
    "@evil.example",
    ".evil.example",
    ":80@evil.example",
    "/%5cevil.example/..%2f",
    "/../../evil",
    "/..",
    "/./x",
    "/%2e%2e/docs",
    "/a//evil.example",
    "javascript:alert(1)",
    "/\r\nSet-Cookie: a=b",
    "/\t/evil.example",
    "/x#//evil.example",
    "/\u2215evil.example",
]


def test_nobody_is_led_away_from_the_console(visitor: Visitor) -> None:
    for wanted in AWAY:
        reply = visitor.sign_in(EMAIL, PASSWORD, wanted)
        assert (reply.status_code, reply.headers["location"]) == (303, FRONT), wanted
        signed_in_already = visitor.client.get(f"{visitor.url}/console/sign-in", params={"next": wanted})
        assert signed_in_already.headers["location"] == FRONT, wanted


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.com"])
def test_a_wrong_password_is_refused_in_words_that_tell_nobody_who_is_known(visitor: Visitor, email: str) -> None:
    reply = visitor.sign_in(email, "wrong password", "/me")
    assert reply.status_code == 401
    assert "do not belong together" in reply.text
    assert f'value="{email}"' in reply.text, "what was typed is kept"
    assert 'name="next" value="/me"' in reply.text
    assert "wrong password" not in reply.text
    assert not visitor.is_in


def test_the_cookie_is_kept_from_scripts_other_sites_and_the_api(visitor: Visitor) -> None:
    (cookie,) = set_cookies(visitor.sign_in(EMAIL, PASSWORD))
    attributes = {part.strip() for part in cookie.split(";")[1:]}
    assert attributes == {"HttpOnly", "SameSite=lax", "Path=/console", f"Max-Age={int(SESSION_LASTS.total_seconds())}"}


def test_over_https_and_behind_a_prefix_the_cookie_is_for_these(services: Services, ada: Person) -> None:
    with serving(console_of(services, public_url="https://example.com/places")) as url:
        visitor = Visitor(url)
        page = visitor.read("/console/sign-in")
        assert 'action="/places/console/sign-in"' in page.text
        (cookie,) = set_cookies(page, "geostead_visitor")
        assert cookie.startswith("__Secure-geostead_visitor=")
        assert {"Secure", "Path=/places/console"} <= {part.strip() for part in cookie.split(";")}


def test_a_session_that_somebody_planted_is_not_the_one_that_one_signs_in_to(url: str, services: Services) -> None:
    create_person(services, "mallory@example.com", GOOD)
    mallory, victim = Visitor(url), Visitor(url)
    mallory.sign_in("mallory@example.com", GOOD)
    planted = mallory.cookie()
    assert planted is not None
    victim.client.cookies.set("geostead_session", planted, path="/console")
    assert victim.sign_in(EMAIL, PASSWORD).status_code == 303
    assert not mallory.is_in, "it has ended"
    other = Visitor(url)
    other.client.headers["cookie"] = f"geostead_session={planted}"
    assert not other.is_in


def test_a_cookie_that_was_changed_or_made_up_is_none(member: Visitor) -> None:
    value = member.cookie()
    assert value is not None
    session, _, signature = value.rpartition(".")
    for made_up in (session, f"{session}.", f"{session}A.{signature}", f"{session}.{signature[:-2]}", "a.b", "."):
        other = Visitor(member.url)
        other.client.headers["cookie"] = f"geostead_session={made_up}"
        assert not other.is_in
    assert member.is_in


def test_who_signs_out_cannot_be_followed_with_the_old_cookie(member: Visitor) -> None:
    value = member.cookie()
    reply = member.send("/console/sign-out", {}, at="/console/me")
    assert reply.headers["location"] == "/console/sign-in"
    assert not member.is_in
    thief = Visitor(member.url)
    thief.client.headers["cookie"] = f"geostead_session={value}"
    assert not thief.is_in


def test_signing_out_everywhere_ends_the_sessions_of_all_browsers(member: Visitor) -> None:
    other = Visitor(member.url)
    other.sign_in(EMAIL, PASSWORD)
    assert "In 2 browsers" in member.read("/console/me").text
    member.send("/console/me/sign-out-everywhere", {}, at="/console/me")
    assert not member.is_in
    assert not other.is_in


def test_a_session_ends_after_two_weeks(member: Visitor, clock: Clock) -> None:
    clock.advance(SESSION_LASTS.total_seconds())
    assert not member.is_in


def test_after_five_failures_even_the_right_password_is_refused_for_a_while(visitor: Visitor, clock: Clock) -> None:
    for _ in range(5):
        assert visitor.sign_in(EMAIL, "wrong password").status_code == 401
    refused = visitor.sign_in(EMAIL, PASSWORD)
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "900"
    assert "15 minutes" in refused.text
    clock.advance(900)
    assert visitor.sign_in(EMAIL, PASSWORD).status_code == 303


def test_of_guesses_made_at_once_no_more_are_looked_at(visitor: Visitor, hasher: CountingHasher) -> None:
    token = visitor.token("/console/sign-in")
    form = {"csrf_token": token, "email": EMAIL, "password": "wrong password"}
    with ThreadPoolExecutor(8) as threads:
        replies = threads.map(lambda _: visitor.client.post(f"{visitor.url}/console/sign-in", data=form), range(16))
        assert sorted(reply.status_code for reply in replies) == [401] * 5 + [429] * 11
    assert hasher.verified == 5


def test_where_somebody_comes_from_is_only_believed_of_a_trusted_proxy(services: Services, ada: Person) -> None:
    statuses = {}
    for trusted in ((), ("127.0.0.1",)):
        with serving(console_of(services, trusted_proxies=trusted)) as url:
            visitor = Visitor(url)
            made_up = [f"203.0.113.{number}" for number in range(7)]
            replies = [visitor.sign_in(EMAIL, "wrong", **{"X-Forwarded-For": address}) for address in made_up]
            statuses[trusted] = [reply.status_code for reply in replies]
    assert statuses[()] == [401] * 5 + [429] * 2
    assert statuses[("127.0.0.1",)] == [401] * 7


FORGED = [
    {},
    {"csrf_token": ""},
    {"csrf_token": "a.b"},
    {"csrf_token": "\U0001f600"},
]


def test_a_form_without_the_token_of_the_session_does_nothing(member: Visitor, services: Services) -> None:
    for forged in FORGED:
        reply = member.client.post(f"{member.url}/console/me/name", data={"name": "Mallory", **forged})
        assert reply.status_code == 403, forged
    assert services.catalog.list_people()[0][0].name == ""


def test_the_token_of_another_session_is_none(member: Visitor, services: Services) -> None:
    create_person(services, "mallory@example.com", GOOD)
    mallory = Visitor(member.url)
    before = mallory.token("/console/sign-in")
    mallory.sign_in("mallory@example.com", GOOD)
    for token in (mallory.token("/console/me"), before):
        form = {"name": "Mallory", "csrf_token": token}
        assert member.client.post(f"{member.url}/console/me/name", data=form).status_code == 403
    assert all(person.name == "" for person, _ in services.catalog.list_people())


def test_nobody_is_signed_in_by_a_form_of_another_site(visitor: Visitor) -> None:
    form = {"email": EMAIL, "password": PASSWORD}
    assert visitor.client.post(f"{visitor.url}/console/sign-in", data=form).status_code == 403
    with_token = {**form, "csrf_token": Visitor(visitor.url).token("/console/sign-in")}
    assert visitor.client.post(f"{visitor.url}/console/sign-in", data=with_token).status_code == 403
    assert not visitor.is_in


FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:1"},
]


def test_a_form_that_a_browser_says_is_from_another_site_does_nothing(member: Visitor, services: Services) -> None:
    for headers in FOREIGN:
        reply = member.send("/console/me/name", {"name": "Mallory"}, at="/console/me", headers=headers)
        assert reply.status_code == 403, headers
    assert services.catalog.list_people()[0][0].name == ""


def test_a_form_of_the_console_itself_is_taken_with_the_token_in_either_place(
    member: Visitor, services: Services
) -> None:
    for headers in ({"Sec-Fetch-Site": "same-origin"}, {"Origin": member.url}, {}):
        assert member.send("/console/me/name", {"name": "Ada"}, at="/console/me", headers=headers).status_code == 303
    token = {"X-CSRF-Token": member.token("/console/me")}
    member.client.post(f"{member.url}/console/me/name", data={"name": "Ada L."}, headers=token)
    assert services.catalog.list_people()[0][0].name == "Ada L."


def test_no_two_pages_have_the_same_token_so_that_compression_tells_nothing(member: Visitor) -> None:
    tokens = {member.token("/console/me") for _ in range(3)}
    assert len(tokens) == 3
    assert len({token.rpartition(".")[2][:4] for token in tokens}) == 3


def test_no_page_may_be_kept_by_a_cache(member: Visitor) -> None:
    assert member.read("/console/me").headers["cache-control"] == "no-store"
    assert member.read("/console/sign-in").headers["cache-control"] == "no-store"


def test_another_role_counts_from_the_next_request_on(member: Visitor, services: Services) -> None:
    create_person(services, "bob@example.com", GOOD, account_name="acme", role=Role.OWNER)
    form = {"email": "eve@example.com", "role": "owner"}
    token = member.token("/console/accounts/acme/members")
    assign_role(services, EMAIL, "acme", Role.VIEWER)
    page = "/console/accounts/acme/members"
    assert member.client.post(member.url + page, data={**form, "csrf_token": token}).status_code == 403
    assert "Add somebody" not in member.read(page).text
    remove_person(services, EMAIL, "acme")
    assert member.read(page).status_code == 404
    remove_person(services, EMAIL)
    assert not member.is_in


def test_a_link_lets_somebody_set_a_password_once(visitor: Visitor, services: Services) -> None:
    bob = create_person(services, "bob@example.com", None)
    page = f"/console/set-password?token={make_password_link(services, bob)}"
    form = {"token": page.partition("=")[2], "password": GOOD, "again": "something else"}
    assert "not the same" in visitor.send("/console/set-password", form, at=page).text
    short = visitor.send("/console/set-password", {**form, "password": "short", "again": "short"}, at=page)
    assert short.status_code == 422
    assert "12 to 1,000 characters" in short.text
    reply = visitor.send("/console/set-password", {**form, "again": GOOD}, at=page)
    assert reply.status_code == 303
    assert visitor.is_in
    assert visitor.read(page).status_code == 404


def test_a_password_is_changed_on_the_page_of_oneself(member: Visitor) -> None:
    form = {"old": PASSWORD, "new": "another good password", "again": "another good password"}
    for wrong, message in (
        ({"old": "wrong password"}, "That is not your password."),
        ({"again": "something else"}, "The two are not the same."),
        ({"new": "password1234", "again": "password1234"}, "others would try"),
    ):
        reply = member.send("/console/me/password", {**form, **wrong}, at="/console/me")
        assert reply.status_code == 422
        assert message in reply.text
        assert "another good password" not in reply.text
    changed = member.send("/console/me/password", form, at="/console/me")
    assert changed.headers["location"] == "/console/me/password-changed"
    assert "Your password is changed" in member.read("/console/me/password-changed").text


def test_the_first_start_says_how_the_first_user_is_made(services: Services) -> None:
    with serving(console_of(services)) as url:
        page = Visitor(url).read("/console/sign-in").text
        assert "geostead user create EMAIL --account NAME --role owner" in page
        create_person(services, EMAIL, PASSWORD)
        assert "geostead user create" not in Visitor(url).read("/console/sign-in").text


def test_no_secret_gets_into_a_log(visitor: Visitor, services: Services, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        visitor.sign_in(EMAIL, "a wrong password")
        visitor.sign_in(EMAIL, PASSWORD)
        value = visitor.cookie()
        visitor.read("/console/me")
    assert value is not None
    ours = "\n".join(line.getMessage() for line in caplog.records if line.name.startswith("geostead"))
    for secret in ("a wrong password", PASSWORD, value):
        assert secret not in ours


def test_who_is_let_in_and_who_is_not_is_logged_and_counted(
    services: Services, ada: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "geostead.access")
    measured = replace(services, meters=NodeMeters(RunsAs.HTTP_SERVER, None))
    with serving(console_of(measured, access_log=True)) as url:
        visitor = Visitor(url)
        visitor.sign_in(EMAIL, "wrong password")
        visitor.sign_in(EMAIL, PASSWORD)
        visitor.read("/console/accounts/acme/members")
    lines = [vars(record) for record in caplog.records if record.name == "geostead.access"]
    told = [(line["method"], line["operation"], line["status"]) for line in lines]
    assert [line for line in told if line[0] == "POST"] == [
        ("POST", "console/sign-in", 401),
        ("POST", "console/sign-in", 303),
    ]
    assert told[-1] == ("GET", "console/accounts/{account}/members", 200)
    assert measured.meters.of_node().counters[REQUESTS.name, "console/sign-in", "4xx"] == 1


def test_a_browser_signs_in_is_refused_after_failures_and_signs_out(
    console: Console, stranger: Page, watch: Watch
) -> None:
    team = console.new_team()
    name = team.account.name
    create_person(console.services, f"ada@{name}.example", GOOD, account_name=name, role=Role.OWNER)
    create_person(console.services, f"bob@{name}.example", GOOD, account_name=name)
    watch.allowed = "status of 4"

    def sign_in(email: str, password: str) -> None:
        stranger.get_by_label("E-mail address").fill(email)
        stranger.get_by_label("Password").fill(password)
        stranger.get_by_role("button", name="Sign in", exact=True).click()

    stranger.goto(f"{team.url}/members")
    for _ in range(5):
        sign_in(f"bob@{name}.example", "wrong password")
        stranger.get_by_text("do not belong together").wait_for()
    sign_in(f"bob@{name}.example", GOOD)
    stranger.get_by_text("Too many attempts to sign in have failed.").wait_for()
    sign_in(f"ada@{name}.example", GOOD)
    stranger.get_by_role("heading", name="Members", exact=True).wait_for()
    stranger.get_by_role("button", name="Sign out").click()
    stranger.get_by_role("heading", name="Sign in", exact=True).wait_for()
