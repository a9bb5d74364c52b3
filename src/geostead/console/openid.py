"""An OpenID provider: the authorization code flow with PKCE (OpenID Connect Core 1.0, section 3.1; RFC 7636; RFC 9207).

What the protocol is made of comes from authlib and joserfc, and what fetches from httpx: they are imported when
somebody first signs in this way.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from geostead.errors import SignInRefused, Unavailable
from geostead.operations.sign_in_elsewhere import Identity

if TYPE_CHECKING:
    import httpx
    from joserfc.jwk import KeySet

SCOPE = "openid email profile"
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""How ID tokens may be signed: with a key that only the provider has."""
FETCH_S = 10.0
LEEWAY_S = 120
KNOWN_FOR = timedelta(hours=1)
ASKED_AGAIN_AFTER = timedelta(seconds=10)
"""A provider that could not be used is left alone for so long."""
MAX_SUBJECT_LENGTH = 255  # OpenID Connect Core 1.0, section 2, "sub"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIdOptions:
    """The provider, and what this installation is called there."""

    issuer: str
    """URL of the provider; what it calls itself but for a slash at the end."""
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    """None: a public client, which only PKCE protects."""
    name: str = "OpenID Connect"
    """What the button says."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What the browser keeps while its user is at the provider."""

    state: str
    nonce: str
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Provider:
    """What a provider says about itself."""

    metadata: Mapping[str, Any]
    keys: KeySet
    at: datetime


@dataclass(frozen=True, slots=True)
class _Trouble:
    """Why a provider could not be used."""

    error: Unavailable
    at: datetime


class OpenIdProvider:
    """Sends people to a provider, and reads what they bring back. May be used by any number of threads."""

    def __init__(self, options: OpenIdOptions, now: Callable[[], datetime]) -> None:
        self.options = options
        self._now = now
        self._known: _Provider | None = None
        self._trouble: _Trouble | None = None
        self._asking = threading.Lock()

    def begin(self, redirect_uri: str) -> tuple[str, Begun]:
        """Return where to send somebody to, and what to keep until they come back. Raises Unavailable."""
        from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        begun = Begun(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))
        url: str = prepare_grant_uri(
            _endpoint(self._provider().metadata, "authorization_endpoint"),
            client_id=self.options.client_id,
            response_type="code",
            redirect_uri=redirect_uri,
            scope=SCOPE,
            state=begun.state,
            nonce=begun.nonce,
            code_challenge=create_s256_code_challenge(begun.verifier),
            code_challenge_method="S256",
        )
        return url, begun

    def finish(self, begun: Begun, brought: Mapping[str, str], redirect_uri: str) -> Identity:
        """Return who somebody is who has come back with these parameters. Raises SignInRefused, Unavailable."""
        provider = self._provider()
        if not secrets.compare_digest(brought.get("state", "").encode(), begun.state.encode()):
            raise _not_believed("the state is another one")
        if brought.get("iss", provider.metadata["issuer"]) != provider.metadata["issuer"]:
            raise _not_believed("it comes from another issuer")
        if "error" in brought or not brought.get("code"):
            raise SignInRefused("Your OpenID provider did not let you in.")
        tokens = self._redeem(provider, brought["code"], begun.verifier, redirect_uri)
        claims = self._claims(provider, tokens, begun.nonce)
        return self._identity(provider, claims, tokens)

    def _redeem(self, provider: _Provider, code: str, verifier: str, redirect_uri: str) -> Mapping[str, Any]:
        from authlib.oauth2.auth import ClientAuth
        from authlib.oauth2.rfc6749.parameters import prepare_token_request

        url = _endpoint(provider.metadata, "token_endpoint")
        body = prepare_token_request("authorization_code", code=code, redirect_uri=redirect_uri, code_verifier=verifier)
        headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
        auth = ClientAuth(self.options.client_id, self.options.client_secret, self._client_auth(provider))
        url, headers, body = auth.prepare("POST", url, headers, body)
        reply = _fetch("POST", url, headers, body)
        if reply.is_client_error:
            raise _not_believed("the code is not valid (any more)")
        return _document(reply)

    def _client_auth(self, provider: _Provider) -> str:
        if self.options.client_secret is None:
            return "none"
        known = provider.metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return "client_secret_basic" if "client_secret_basic" in known else "client_secret_post"

    def _claims(self, provider: _Provider, tokens: Mapping[str, Any], nonce: str) -> Mapping[str, Any]:
        """Return what the ID token says, once it is known to be the provider's, for us, and for this attempt."""
        from authlib.oidc.core import CodeIDToken
        from joserfc.errors import InvalidKeyIdError, JoseError

        try:
            try:
                token = _decoded(tokens, provider.keys)
            except InvalidKeyIdError:  # the provider has new keys
                token = _decoded(tokens, self._provider(anew=True).keys)
            options = {
                "iss": {"essential": True, "value": provider.metadata["issuer"]},
                "aud": {"essential": True, "value": self.options.client_id},
            }
            params = {"nonce": nonce, "client_id": self.options.client_id, "access_token": tokens.get("access_token")}
            claims: Mapping[str, Any] = (made := CodeIDToken(token.claims, token.header, options, params))
            made.validate(now=int(self._now().timestamp()), leeway=LEEWAY_S)
        except (JoseError, ValueError, TypeError) as error:
            raise _not_believed(type(error).__name__) from error
        return claims

    def _identity(self, provider: _Provider, claims: Mapping[str, Any], tokens: Mapping[str, Any]) -> Identity:
        subject = claims["sub"]
        if not (isinstance(subject, str) and 0 < len(subject) <= MAX_SUBJECT_LENGTH and subject.isprintable()):
            raise _not_believed("the subject is none")
        if "email" not in claims and "userinfo_endpoint" in provider.metadata:
            claims = self._user_info(provider, subject, tokens)
        email = claims.get("email")
        is_verified = claims.get("email_verified") is True and isinstance(email, str)
        return Identity(provider.metadata["issuer"], subject, str(email) if is_verified else None)

    def _user_info(self, provider: _Provider, subject: str, tokens: Mapping[str, Any]) -> Mapping[str, Any]:
        headers = {"Accept": "application/json", "Authorization": f"Bearer {tokens.get('access_token', '')}"}
        found = _document(_fetch("GET", _endpoint(provider.metadata, "userinfo_endpoint"), headers))
        if found.get("sub") != subject:  # section 5.3.2
            raise _not_believed("the user info is about somebody else")
        return found

    def _provider(self, *, anew: bool = False) -> _Provider:
        """Return the provider, which one thread at a time asks for what it says about itself."""
        with self._asking:
            known = self._known
            if known is None or anew or self._now() - known.at > KNOWN_FOR:
                known = self._known = self._asked()
            return known

    def _asked(self) -> _Provider:
        if self._trouble is not None and self._now() - self._trouble.at < ASKED_AGAIN_AFTER:
            raise Unavailable(str(self._trouble.error), told=self._trouble.error.told)
        try:
            return self._discovered()
        except Unavailable as error:
            self._trouble = _Trouble(error, self._now())
            raise

    def _discovered(self) -> _Provider:
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        metadata = _document(_fetch("GET", f"{self.options.issuer.rstrip('/')}/.well-known/openid-configuration"))
        if str(metadata.get("issuer")).rstrip("/") != self.options.issuer.rstrip("/"):
            raise _no_provider(f"it calls itself {metadata.get('issuer')}, not {self.options.issuer}")
        found: Any = _document(_fetch("GET", _endpoint(metadata, "jwks_uri")))
        try:
            return _Provider(metadata, KeySet.import_key_set(found), self._now())
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise _no_provider("its keys cannot be read") from error


def _decoded(tokens: Mapping[str, Any], keys: KeySet) -> Any:
    from joserfc import jwt
    from joserfc.jws import JWSRegistry

    written = tokens.get("id_token")
    if not isinstance(written, str):
        raise _not_believed("there is no ID token")
    return jwt.decode(written, keys, registry=JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False))


def _endpoint(metadata: Mapping[str, Any], name: str) -> str:
    url = metadata.get(name)
    if not isinstance(url, str) or urlsplit(url).scheme not in ("http", "https"):
        raise _no_provider(f"it has no {name}")
    return url


def _fetch(method: str, url: str, headers: Mapping[str, str] | None = None, body: str | None = None) -> httpx.Response:
    import httpx

    try:
        return httpx.request(method, url, headers=headers, content=body, timeout=FETCH_S)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _no_provider(type(error).__name__) from error


def _document(reply: httpx.Response) -> Mapping[str, Any]:
    try:
        found = reply.json() if reply.is_success else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise _no_provider(f"{reply.url.copy_with(query=None)} answers {reply.status_code}, and not with a document")
    return found


def _not_believed(reason: str) -> SignInRefused:
    return SignInRefused(f"What your OpenID provider says cannot be believed: {reason}. Sign in again.")


def _no_provider(reason: str) -> Unavailable:
    return Unavailable(f"The OpenID provider cannot be used: {reason}.", told="Your OpenID provider does not answer.")
