"""http-api.md section 1: http and https both work."""

from __future__ import annotations

import json
import ssl
import urllib.request
from collections.abc import Callable
from pathlib import Path

import httpx
import trustme

from tests.protocol.api import LOAD, ROOT, Api, Source, pipe
from tests.servers import resource, start_node


def test_https_answers_as_http_does_with_https_in_its_urls(
    cafes: Source, new_name: Callable[[], str], tmp_path: Path
) -> None:
    authority = trustme.CA()
    own = authority.issue_cert("127.0.0.1")
    own.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    own.private_key_pem.write_to_path(tmp_path / "key.pem")
    files = ["--tls-cert", str(tmp_path / "cert.pem"), "--tls-key", str(tmp_path / "key.pem")]
    with start_node(cafes.api.server.data_dir, "--no-worker", *files) as server:
        assert server.url.startswith("https://")
        trusted = ssl.create_default_context()
        authority.configure_trust(trusted)
        with httpx.Client(base_url=server.url, verify=trusted) as client:
            found = client.get(f"{ROOT}{cafes.entities_path}?$format=json&key={cafes.api.key}").json()["d"]["results"]
            assert [entity["EntityID"] for entity in found] == cafes.ids()
            assert found[0]["__metadata"]["uri"].startswith(f"{server.url}{ROOT}/data/")
        upload = pipe("EntityID(Edm.String,primaryKey)", "1|1|2")
        reply = Api(server, cafes.api.key).post_load(new_name(), upload)
        assert reply.headers["location"] == f"{server.url}{ROOT}{LOAD}/{resource(reply)['id']}"
        status = f"{reply.headers['location']}?output=json&key={cafes.api.key}"
        with urllib.request.urlopen(status, context=trusted) as answer:
            assert json.load(answer)["statusCode"] == 200
