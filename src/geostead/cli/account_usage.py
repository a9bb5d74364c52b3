"""``geostead account usage``: how many requests there were."""

from __future__ import annotations

from typing import Annotated

import typer

from geostead.cli.options import AccountName, AsJson, DataDir, print_json, services_of
from geostead.cli.tables import print_table
from geostead.operations.describe_usage import RANGES_DAYS, AccountUsage, describe_usage
from geostead.operations.find_account import find_account


def usage(
    account: AccountName,
    days: Annotated[int, typer.Option(min=1, max=400, help="How many days, today included (UTC).")] = RANGES_DAYS[1],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show the requests with keys that were answered, by day, data source and operation."""
    with services_of(data_dir) as services:
        found = describe_usage(services, find_account(services, account).id, days)
    if as_json:
        print_json({"account": account, "days": days, "requests": found.total, "counts": _counts(found)})
        return
    print_table(
        ("day", "data source", "operation", "requests"),
        ((f"{c.day}", c.data_source_name, c.operation, f"{c.requests:,}") for c in found.counts),
    )


def _counts(found: AccountUsage) -> list[dict[str, object]]:
    return [
        {
            "day": count.day.isoformat(),
            "dataSource": count.data_source_name,
            "operation": count.operation,
            "requests": count.requests,
        }
        for count in found.counts
    ]
