"""Reading ``/metrics`` as Prometheus does."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx
from prometheus_client.parser import text_string_to_metric_families

WAIT_S = 60.0


class Scrape:
    """What one scrape told."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]

    def names(self) -> set[str]:
        """Return the names of all samples."""
        return {sample.name for sample in self._samples}

    def labels(self, name: str) -> dict[str, set[str]]:
        """Return the values of each label of a metric."""
        found: dict[str, set[str]] = {}
        for sample in self._samples:
            if sample.name == name:
                for label, value in sample.labels.items():
                    found.setdefault(label, set()).add(value)
        return found

    def total(self, name: str, **labels: str) -> float:
        """Return the sum of the samples that have these labels."""
        return sum(
            sample.value for sample in self._samples if sample.name == name and labels.items() <= sample.labels.items()
        )


def scrape(url: str) -> Scrape:
    """Read a URL."""
    reply = httpx.get(url, timeout=30)
    assert reply.status_code == httpx.codes.OK, reply.text
    return Scrape(reply.text)


def scraped(url: str, is_right: Callable[[Scrape], bool]) -> Scrape:
    """Scrape until it tells what it should: the numbers of other processes may be a second old, and some be killed."""
    deadline_s = time.monotonic() + WAIT_S
    while True:
        try:
            found = scrape(url)
            if is_right(found):
                return found
            told = found.text
        except httpx.TransportError as error:
            told = str(error)
        assert time.monotonic() < deadline_s, told
        time.sleep(0.1)
