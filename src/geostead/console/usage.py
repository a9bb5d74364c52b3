"""Usage: how many requests there were, by day, as a chart, a table and a file."""

from __future__ import annotations

import csv
import io

from starlette.responses import Response

from geostead.console.usage_chart import chart_of
from geostead.console.visit import Visit
from geostead.operations.describe_usage import RANGES_DAYS, AccountUsage, UsageBy, describe_usage
from geostead.wire.error_log import cell_text


def show(visit: Visit) -> Response:
    """Show the requests of the last days."""
    by, usage = _by(visit), _usage(visit)
    return visit.page(
        "usage.html",
        usage=usage,
        by=by,
        days=len(usage.days),
        ranges=RANGES_DAYS,
        chart=chart_of(usage, by),
        series=usage.by(by),
    )


def send_csv(visit: Visit) -> Response:
    """Send the counts as a file, a line for each day, data source and operation."""
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(("day", "dataSource", "operation", "requests"))
    for count in _usage(visit).counts:
        table.writerow((count.day, cell_text(count.data_source_name), count.operation, count.requests))
    headers = {"Content-Disposition": 'attachment; filename="usage.csv"'}
    return Response(text.getvalue(), headers=headers, media_type="text/csv; charset=utf-8")


def _usage(visit: Visit) -> AccountUsage:
    asked_for = visit.query.get("days", "")
    days = next((days for days in RANGES_DAYS if str(days) == asked_for), RANGES_DAYS[1])
    return describe_usage(visit.services, visit.account.id, days)


def _by(visit: Visit) -> UsageBy:
    return next((by for by in UsageBy if by.value == visit.query.get("by", "")), UsageBy.DATA_SOURCE)
