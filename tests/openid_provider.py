"""A small OpenID provider over HTTP that signs with RS256, and can be told to lie."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID = "geostead"
CLIENT_SECRET = "the secret of geostead"

Claims = dict[str, Any]


@dataclass
class Provider:
    """What the provider knows, and what a test has it say."""

    url: str
    now_s: Callable[[], float]
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "first"}))
    said: Claims = field(default_factory=lambda: {"sub": "17", "email": "ada@example.com", "email_verified": True})
    """What ID tokens say about who signs in."""
    changed: Claims = field(default_factory=dict)
    """Claims that a test replaces; None leaves one out."""
    info: Claims | None = None
    """What the user info endpoint says; None: there is none."""
    sign: Callable[[Claims], str] | None = None
    """How a test has tokens signed; None: as it should be."""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    """What was asked for, by code; a code is good for one time."""

    def metadata(self) -> Claims:
        found = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
        }
        return found if self.info is None else {**found, "userinfo_endpoint": f"{self.url}/info"}

    def let_in(self, url: str) -> str:
        """Do what a person does who is sent to ``url`` and signs in; return the URL that they are sent back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT_ID
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.url})}"

    def redeem(self, form: dict[str, str], authorization: str | None) -> Claims | None:
        """Return tokens for a code; None if that is refused."""
        asked = self.codes.pop(form.get("code", ""), None)
        known = "Basic " + base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if asked is None or authorization != known or form.get("redirect_uri") != asked["redirect_uri"]:
            return None
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != asked["code_challenge"]:
            return None
        return {"access_token": "access", "token_type": "Bearer", "id_token": self._token(asked["nonce"])}

    def _token(self, nonce: str) -> str:
        now = int(self.now_s())
        claims = {"iss": self.url, "aud": CLIENT_ID, "exp": now + 300, "iat": now, "nonce": nonce, **self.said}
        claims = {name: value for name, value in {**claims, **self.changed}.items() if value is not None}
        if self.sign is not None:
            return self.sign(claims)
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)


@contextmanager
def running_provider(now_s: Callable[[], float]) -> Iterator[Provider]:
    """Run a provider until the block is left."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.provider = provider = Provider(f"http://127.0.0.1:{server.server_port}", now_s)  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        provider: Provider = self.server.provider  # type: ignore[attr-defined]
        documents: dict[str, Claims | None] = {
            "/.well-known/openid-configuration": provider.metadata(),
            "/keys": {"keys": [provider.key.as_dict(private=False)]},
            "/info": provider.info if self.headers["Authorization"] == "Bearer access" else None,
        }
        self._answer(documents.get(self.path))

    def do_POST(self) -> None:
        provider: Provider = self.server.provider  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self._answer(provider.redeem(form, self.headers["Authorization"]))

    def _answer(self, document: Claims | None) -> None:
        body = json.dumps(document or {"error": "invalid_grant"}).encode()
        self.send_response(400 if document is None else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        pass
