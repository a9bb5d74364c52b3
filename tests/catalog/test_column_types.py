"""What goes into a column comes out of it."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from geostead.catalog.column_types import EntityTypeColumn, InstantColumn, LimitsColumn, OrderColumn
from geostead.model.job import (
    AccessOrder,
    DeleteOrder,
    DownloadOrder,
    InputFormat,
    LoadOperation,
    LoadOrder,
    Order,
    PublishOrder,
    RollbackOrder,
)
from geostead.model.limits import PROFILES
from tests.builders import SHOPS

DIALECT = sqlite.dialect()

ORDERS = (LoadOrder, DownloadOrder, PublishOrder, RollbackOrder, DeleteOrder, AccessOrder)
orders = st.one_of([st.from_type(order) for order in ORDERS])


@given(st.datetimes(timezones=st.just(UTC)))
def test_an_instant_keeps_every_microsecond(instant: datetime) -> None:
    kept = InstantColumn().process_bind_param(instant, DIALECT)
    assert isinstance(kept, int)
    assert InstantColumn().process_result_value(kept, DIALECT) == instant


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_instants_are_ordered_in_the_database_as_in_time(one: datetime, other: datetime) -> None:
    kept_one, kept_other = (InstantColumn().process_bind_param(at, DIALECT) for at in (one, other))
    assert kept_one is not None
    assert kept_other is not None
    assert (kept_one < kept_other) == (one < other)


def test_an_instant_with_an_offset_comes_back_in_utc() -> None:
    at = datetime(2026, 3, 1, 14, tzinfo=timezone(timedelta(hours=2)))
    found = InstantColumn().process_result_value(InstantColumn().process_bind_param(at, DIALECT), DIALECT)
    assert found == at
    assert found is not None
    assert found.tzinfo is UTC


@given(orders)
def test_an_order_of_any_kind_comes_back_as_it_was_through_json(order: Order) -> None:
    kept = OrderColumn().process_bind_param(order, DIALECT)
    found = OrderColumn().process_result_value(json.loads(json.dumps(kept)), DIALECT)
    assert found == order
    assert type(found) is type(order)


def test_every_kind_of_order_is_tried_above() -> None:
    assert set(ORDERS) == set(get_args(Order))


def test_a_load_that_an_older_program_ordered_is_read() -> None:
    old = {"load": {"operation": "complete", "input": "csv", "upload": "uploads/1", "set_public": None}}
    assert OrderColumn().process_result_value(old, DIALECT) == LoadOrder(
        LoadOperation.COMPLETE, InputFormat.CSV, "uploads/1"
    )


def test_limits_come_back_as_they_were() -> None:
    for limits in PROFILES.values():
        kept = LimitsColumn().process_bind_param(limits, DIALECT)
        assert LimitsColumn().process_result_value(kept, DIALECT) == limits


def test_an_entity_type_comes_back_as_it_was_and_is_read_once() -> None:
    kept = EntityTypeColumn().process_bind_param(SHOPS, DIALECT)
    found = EntityTypeColumn().process_result_value(kept, DIALECT)
    assert found == SHOPS
    assert EntityTypeColumn().process_result_value(kept, DIALECT) is found


def test_no_value_stays_no_value() -> None:
    for column in (InstantColumn(), OrderColumn(), LimitsColumn(), EntityTypeColumn()):
        assert column.process_bind_param(None, DIALECT) is None
        assert column.process_result_value(None, DIALECT) is None
