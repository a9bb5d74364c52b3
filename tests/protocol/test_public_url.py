"""http-api.md section 1: the base of URLs in replies, where an operator says what it is or which proxies to trust."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx

from tests.protocol.api import LOAD, ROOT, Api, Source
from tests.servers import resource, start_node

FORWARDED = {"X-Forwarded-Host": "places.example", "X-Forwarded-Proto": "https"}


@contextmanager
def beside(api: Api, environment: Mapping[str, str]) -> Iterator[Api]:
    """Run a second server on the same data."""
    with start_node(api.server.data_dir, "--no-worker", environment=environment) as second:
        yield Api(second, api.key)


def test_urls_in_replies_begin_with_the_configured_public_url(cafes: Source) -> None:
    with beside(cafes.api, {"GEOSTEAD_PUBLIC_URL": "https://geo.example/base/"}) as api:
        uri = api.get(f"{cafes.entities_path}?$format=json&$top=1").json()["d"]["results"][0]["__metadata"]["uri"]
        assert uri.startswith(f"https://geo.example/base{ROOT}/data/")
        links = resource(api.get(f"{LOAD}/{cafes.job['id']}", headers=FORWARDED))["links"]
        assert {httpx.URL(link["url"]).host for link in links} == {"geo.example"}


def test_forwarded_headers_count_from_trusted_proxies(cafes: Source) -> None:
    with beside(cafes.api, {"GEOSTEAD_TRUSTED_PROXIES": "127.0.0.0/8"}) as api:
        reply = api.get(f"{cafes.entities_path}?$format=json&$top=1", headers=FORWARDED)
        assert reply.json()["d"]["results"][0]["__metadata"]["uri"].startswith(f"https://places.example{ROOT}/data/")
