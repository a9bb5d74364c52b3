"""Signing in at an OpenID provider, and who tries to get in as somebody else that way."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from geostead.console.openid import ASKED_AGAIN_AFTER, OpenIdOptions
from geostead.model.limits import PROFILES
from geostead.model.person import Person, Role
from geostead.operations.create_account import create_account
from geostead.operations.create_person import create_person
from geostead.operations.services import Services
from tests.installations import Clock
from tests.openid_provider import CLIENT_ID, CLIENT_SECRET, Claims, Provider, running_provider
from tests.visitors import Visitor, console_of, serving


@pytest.fixture
def provider(clock: Clock) -> Iterator[Provider]:
    with running_provider(lambda: clock().timestamp()) as provider:
        yield provider


@pytest.fixture
def ada(services: Services) -> Person:
    create_account(services, "acme", PROFILES["self-hosted"])
    return create_person(services, "ada@example.com", None, account_name="acme", role=Role.OWNER)


@pytest.fixture
def visitor(services: Services, provider: Provider, ada: Person) -> Iterator[Visitor]:
    options = OpenIdOptions(issuer=provider.url, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, name="Acme ID")
    with serving(console_of(services, options)) as url:
        yield Visitor(url)


def came_back(visitor: Visitor, provider: Provider, wanted: str = "") -> httpx.Response:
    """Go to the provider, sign in there, and come back."""
    sent = visitor.client.get(f"{visitor.url}/console/openid/start", params={"next": wanted})
    assert sent.status_code == 303
    return visitor.client.get(provider.let_in(sent.headers["location"]))


def test_somebody_who_is_known_signs_in_and_is_led_to_where_they_wanted_to_go(
    visitor: Visitor, provider: Provider
) -> None:
    form = visitor.read("/console/sign-in?next=/accounts/acme/members").text
    assert "Sign in with Acme ID" in form
    assert 'href="/console/openid/start?next=/accounts/acme/members"' in form
    reply = came_back(visitor, provider, "/accounts/acme/members")
    assert reply.status_code == 303
    assert reply.headers["location"] == "/console/accounts/acme/members"
    assert visitor.is_in
    assert "ada@example.com" in visitor.read("/console/me").text


def test_the_second_time_the_subject_counts_and_not_the_address(visitor: Visitor, provider: Provider) -> None:
    came_back(visitor, provider)
    provider.said = {"sub": "17", "email": "married@example.com", "email_verified": True}
    again = Visitor(visitor.url)
    came_back(again, provider)
    assert "ada@example.com" in again.read("/console/me").text


def test_the_address_may_come_from_the_user_info(visitor: Visitor, provider: Provider) -> None:
    provider.info = provider.said
    provider.said = {"sub": "17"}
    came_back(visitor, provider)
    assert visitor.is_in


def test_new_keys_of_the_provider_are_noticed(visitor: Visitor, provider: Provider) -> None:
    came_back(visitor, provider)
    provider.key = RSAKey.generate_key(2048, {"kid": "second"})
    again = Visitor(visitor.url)
    came_back(again, provider)
    assert again.is_in


LIES: dict[str, Claims] = {
    "the nonce of another attempt": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "a token for another client": {"aud": "another"},
    "a token for two, issued to the other": {"aud": [CLIENT_ID, "another"], "azp": "another"},
    "a token for two, issued to nobody": {"aud": [CLIENT_ID, "another"]},
    "no audience": {"aud": None},
    "another issuer": {"iss": "https://evil.example"},
    "expired long ago": {"exp": 1_000_000_000},
    "no expiry": {"exp": None},
    "no subject": {"sub": None},
    "a subject that is a number": {"sub": 17},
    "a subject that cannot be kept": {"sub": "1\x007"},
    "an address that was not verified": {"email_verified": False},
    "an address of which nothing is said": {"email_verified": None},
    "an address that is verified in words": {"email_verified": "false"},
    "no address": {"email": None},
    "somebody who is not known": {"email": "eve@example.com"},
    "an address that is a list": {"email": ["ada@example.com"]},
}


def test_what_a_token_says_must_be_right_in_every_point(
    visitor: Visitor, provider: Provider, services: Services
) -> None:
    for lie, changed in LIES.items():
        provider.changed = changed
        liar = Visitor(visitor.url)
        assert came_back(liar, provider).status_code == 401, lie
        assert not liar.is_in, lie
    assert len(services.catalog.list_people()) == 1, "nobody is made known"


def with_none(_provider: Provider, claims: Claims) -> str:
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({"alg": "none"}, claims)
    ]
    return f"{parts[0]}.{parts[1]}."


def with_the_secret(_provider: Provider, claims: Claims) -> str:
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(CLIENT_SECRET))


def with_another_key(provider: Provider, claims: Claims) -> str:
    other = RSAKey.generate_key(2048, {"kid": provider.key.kid})
    return jwt.encode({"alg": "RS256", "kid": provider.key.kid}, claims, other)


def with_a_key_that_comes_along(_provider: Provider, claims: Claims) -> str:
    other = RSAKey.generate_key(2048, {"kid": "mine"})
    header = {"alg": "RS256", "kid": "mine", "jwk": other.as_dict(private=False)}
    return jwt.encode(header, claims, other)


def no_token(_provider: Provider, _claims: Claims) -> str:
    return ""


@pytest.mark.parametrize("sign", [with_none, with_the_secret, with_another_key, with_a_key_that_comes_along, no_token])
def test_a_token_that_the_provider_has_not_signed_is_none(
    visitor: Visitor, provider: Provider, sign: Callable[[Provider, Claims], str]
) -> None:
    provider.sign = lambda claims: sign(provider, claims)
    assert came_back(visitor, provider).status_code == 401
    assert not visitor.is_in


def test_who_comes_back_must_have_gone_there_in_the_same_browser(visitor: Visitor, provider: Provider) -> None:
    sent = visitor.client.get(f"{visitor.url}/console/openid/start")
    back = provider.let_in(sent.headers["location"])
    victim = Visitor(visitor.url)
    assert victim.client.get(back).status_code == 401
    assert not victim.is_in
    victim.client.get(f"{visitor.url}/console/openid/start")
    assert victim.client.get(back).status_code == 401, "the state is that of another attempt"
    assert not victim.is_in


def test_a_way_back_can_be_gone_once(visitor: Visitor, provider: Provider) -> None:
    sent = visitor.client.get(f"{visitor.url}/console/openid/start")
    kept = dict(visitor.client.cookies)
    back = provider.let_in(sent.headers["location"])
    assert visitor.client.get(back).status_code == 303
    assert visitor.client.get(back).status_code == 401, "the browser does not have the state any more"
    thief = Visitor(visitor.url)
    thief.client.headers["cookie"] = "; ".join(f"{name}={value}" for name, value in kept.items())
    assert thief.client.get(back).status_code == 401, "the provider takes a code once"
    assert not Visitor(visitor.url, thief.client).is_in


def test_a_way_back_is_open_for_a_quarter_of_an_hour(visitor: Visitor, provider: Provider, clock: Clock) -> None:
    sent = visitor.client.get(f"{visitor.url}/console/openid/start")
    clock.advance(900)
    reply = visitor.client.get(provider.let_in(sent.headers["location"]))
    assert reply.status_code == 401
    assert "took too long" in reply.text


def test_what_the_provider_refuses_is_refused(visitor: Visitor) -> None:
    sent = visitor.client.get(f"{visitor.url}/console/openid/start")
    state = parse_qs(urlsplit(sent.headers["location"]).query)["state"][0]
    refused = {"error": "access_denied", "error_description": "<script>", "state": state}
    reply = visitor.client.get(f"{visitor.url}/console/openid/callback", params=refused)
    assert reply.status_code == 401
    assert "did not let you in" in reply.text
    assert "<script>alert" not in reply.text


def test_an_answer_of_another_issuer_is_not_taken(visitor: Visitor, provider: Provider) -> None:
    sent = visitor.client.get(f"{visitor.url}/console/openid/start")
    back = provider.let_in(sent.headers["location"]).rpartition("&iss=")[0]
    assert visitor.client.get(f"{back}&iss=https://evil.example").status_code == 401


def test_nobody_is_led_away_from_the_console_on_this_way_either(visitor: Visitor, provider: Provider) -> None:
    assert came_back(visitor, provider, "//evil.example").headers["location"] == "/console"


def test_a_provider_that_does_not_answer_is_said_not_to(services: Services, ada: Person) -> None:
    options = OpenIdOptions(issuer="http://127.0.0.1:9", client_id=CLIENT_ID)
    with serving(console_of(services, options)) as url:
        reply = Visitor(url).read("/console/openid/start")
        assert reply.status_code == 503
        assert "does not answer" in reply.text
        assert "127.0.0.1:9" not in reply.text


def test_a_provider_that_calls_itself_otherwise_is_not_used(
    services: Services, ada: Person, provider: Provider
) -> None:
    options = OpenIdOptions(issuer=provider.url.replace("127.0.0.1", "localhost"), client_id=CLIENT_ID)
    with serving(console_of(services, options)) as url:
        assert Visitor(url).read("/console/openid/start").status_code == 503


def test_a_provider_that_could_not_be_used_is_asked_again_after_a_while(
    visitor: Visitor, provider: Provider, clock: Clock
) -> None:
    good, provider.url = provider.url, "https://somebody.else.example"
    assert visitor.read("/console/openid/start").status_code == 503
    provider.url = good
    assert visitor.read("/console/openid/start").status_code == 503
    clock.advance(ASKED_AGAIN_AFTER.total_seconds())
    assert visitor.read("/console/openid/start").status_code == 303


def test_without_a_provider_there_is_no_way_to_one(services: Services, ada: Person) -> None:
    with serving(console_of(services)) as url:
        assert Visitor(url).read("/console/openid/start").status_code == 404
        assert "openid" not in Visitor(url).read("/console/sign-in").text
