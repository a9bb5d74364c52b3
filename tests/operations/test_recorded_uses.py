"""Counting requests in memory and writing them down in batches, whatever becomes of the catalog."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime

import pytest

from geostead.catalog.uses_port import Uses
from geostead.errors import Unavailable
from geostead.model.usage_count import UsageCount
from geostead.operations.describe_usage import UsageBy, describe_usage
from geostead.operations.recorded_uses import MAX_KINDS, RecordedUses, Use
from tests.installations import Installation
from tests.uploads import pipe_upload

LONG_S = 3600.0


class Book:
    """Implements :class:`geostead.catalog.uses_port.Uses` in memory; it may be away."""

    def __init__(self) -> None:
        self.is_away = False
        self.goes_after: int | None = None
        """How many batches it takes before it is away; None: all."""
        self.refused = ""
        """The name of a data source that it takes nothing of, as a database with columns of a certain width."""
        self.batches: list[tuple[list[UsageCount], dict[str, datetime]]] = []

    def add_uses(self, counts: Sequence[UsageCount], key_uses: Mapping[str, datetime]) -> None:
        if self.is_away or len(self.batches) == self.goes_after:
            raise Unavailable("The catalog is away.")
        if self.refused in names_of(counts):
            raise ValueError("The name is too long.")
        self.batches.append((list(counts), dict(key_uses)))

    def usage_counts(self, account_id: str, since: date) -> list[UsageCount]:
        return [count for counts, _ in self.batches for count in counts if count.account_id == account_id]

    def key_uses(self, account_id: str) -> dict[str, datetime]:
        return {}

    @property
    def requests(self) -> int:
        return sum(count.requests for counts, _ in self.batches for count in counts)


def names_of(counts: Sequence[UsageCount]) -> set[str]:
    return {count.data_source_name for count in counts}


@contextmanager
def recording(installation: Installation, book: Uses) -> Iterator[RecordedUses]:
    recorded = RecordedUses(book, installation.clock, write_s=LONG_S)
    try:
        yield recorded
    finally:
        recorded.close()


def use_of(installation: Installation, name: str = "Places", operation: str = "queryEntities") -> Use:
    return installation.key.id, installation.key.account_id, name, operation


def written(recorded: RecordedUses) -> None:
    """Let two rounds pass: what is counted in one is written at the end of the next."""
    recorded.write()
    recorded.write()


def test_requests_are_written_in_one_batch_however_many_and_the_rest_at_the_end(installation: Installation) -> None:
    book, use = Book(), use_of(installation)
    with recording(installation, book) as recorded:
        for _ in range(3):
            recorded.add(use)
        written(recorded)
        written(recorded)
        recorded.add(use)
    day, at = installation.clock().date(), installation.clock()
    key_id, account_id, *_ = use
    assert book.batches == [
        ([UsageCount(account_id, day, "Places", "queryEntities", requests)], {key_id: at}) for requests in (3, 1)
    ]


def test_nothing_is_lost_when_requests_are_counted_while_another_thread_writes(installation: Installation) -> None:
    book, use = Book(), use_of(installation)
    with recording(installation, book) as recorded, ThreadPoolExecutor(1) as counting:
        for _ in range(4):
            under_way = counting.submit(lambda: [recorded.add(use) for _ in range(10_000)])
            recorded.write()
            under_way.result()
    assert book.requests == 40_000


def test_what_could_not_be_written_is_kept_for_later(installation: Installation) -> None:
    book, use = Book(), use_of(installation)
    with recording(installation, book) as recorded:
        book.is_away = True
        recorded.add(use)
        written(recorded)
        recorded.add(use)
        book.is_away = False
        written(recorded)
        assert book.requests == 2


def test_what_the_catalog_cannot_take_is_left_out_alone(
    installation: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    book = Book()
    book.refused = "Bad"
    with recording(installation, book) as recorded:
        for name in ("One", "Two", "Bad", "Three", "Four"):
            recorded.add(use_of(installation, name))
        written(recorded)
        assert book.requests == 4
        assert {name for counts, _ in book.batches for name in names_of(counts)} == {"One", "Two", "Three", "Four"}
        recorded.add(use_of(installation, "One"))
        written(recorded)
    assert book.requests == 5
    assert [record.message.count("'Bad'") for record in caplog.records] == [1]


def test_what_was_taken_before_an_outage_is_not_written_again(installation: Installation) -> None:
    book = Book()
    book.refused, book.goes_after = "Bad", 1
    with recording(installation, book) as recorded:
        for name in ("One", "Two", "Bad", "Three"):
            recorded.add(use_of(installation, name))
        written(recorded)
        assert book.requests == 2
        book.goes_after = None
        written(recorded)
        assert book.requests == 3


def test_an_outage_fills_no_memory(installation: Installation) -> None:
    book = Book()
    book.is_away = True
    with recording(installation, book) as recorded:
        for number in range(MAX_KINDS + 10):
            recorded.add(use_of(installation, f"Source{number}"))
        written(recorded)
        recorded.add(use_of(installation, "Another"))
        recorded.add(use_of(installation, "Source0"))
        written(recorded)
        book.is_away = False
    assert book.requests == MAX_KINDS + 1


def test_usage_is_told_by_data_source_in_its_own_spelling_and_by_operation(installation: Installation) -> None:
    installation.load("Places", pipe_upload(1))
    services = installation.services
    with recording(installation, services.catalog) as recorded:
        for name, operation in (("Places", "getEntity"), ("pLACES", "queryEntities"), ("", "listJobs")):
            recorded.add(use_of(installation, name, operation))
        recorded.add(use_of(installation, "Gone"))

    usage = describe_usage(services, installation.key.account_id, 7)

    nothing = (0,) * 6
    assert usage.days[-1] == installation.clock().date()
    assert usage.total == 4
    assert usage.by(UsageBy.DATA_SOURCE) == [("Places", (*nothing, 2)), ("", (*nothing, 1)), ("Gone", (*nothing, 1))]
    assert usage.by(UsageBy.OPERATION)[0] == ("queryEntities", (*nothing, 2))
    assert services.catalog.key_uses(installation.key.account_id) == {installation.key.id: installation.clock()}
