"""Jobs in the words of the command line: progress on stderr while one runs, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn, TransferSpeedColumn

from geostead.cli.options import print_json
from geostead.cli.remote import ServerSaysNo
from geostead.cli.tables import print_table

if TYPE_CHECKING:
    from geostead.client import Geostead, Job, RowIssue
    from geostead.client.uploads import BytesProgress

_SHOWN_ISSUES = 20


@contextmanager
def bytes_bar(doing: str) -> Iterator[BytesProgress]:
    """Show on stderr how many bytes are through, if that is a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(doing, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def followed(geostead: Geostead, job: Job) -> Job:
    """Wait for the end of a job, however it ends, and show on stderr how far it is, if that is a terminal.

    Raises ServerSaysNo, which names the job: whether it came to something is then not known.
    """
    from geostead.client import ClientError

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=None)
        now = job
        try:
            for now in geostead.watch(job):
                progress.update(task, description=_how_far(now))
        except ClientError as error:
            known = f"The job {job.id} was accepted all the same: geostead job watch {job.id}"
            raise ServerSaysNo(f"{str(error).removesuffix('.')}. {known}") from error
    return now


def tell(geostead: Geostead, job: Job, sentence: str, *, as_json: bool, with_issues: bool = False) -> None:
    """Print what became of a job, and the rows that it left out. Raises typer.Exit with code 1 if it was aborted."""
    issues = geostead.error_log(job) if with_issues and job.has_ended else ()
    if as_json:
        print_json(
            {"job": described_job(job), **({"issues": list(map(_described_issue, issues))} if with_issues else {})}
        )
    elif not job.is_aborted:
        typer.echo(sentence if job.has_ended else f"Accepted the job {job.id}: geostead job watch {job.id}")
    if not as_json:
        print_issues([issue for issue in issues if issue.severity != "aborted"])
    if job.is_aborted:
        typer.echo(f"geostead: The job {job.id} was aborted: {job.error_message}", err=True)
        raise typer.Exit(1)


def print_issues(issues: list[RowIssue]) -> None:
    """Print the beginning of an error log as a table; nothing if it is empty."""
    if not issues:
        return
    print_table(("", "where", "entity", "property", "found", "expected"), map(_issue_row, issues[:_SHOWN_ISSUES]))
    if len(issues) > _SHOWN_ISSUES:
        typer.echo(f"… and {len(issues) - _SHOWN_ISSUES:,} more, which --json tells.")


def print_jobs(jobs: Iterable[Job]) -> None:
    """Print jobs as a table."""
    columns = ("job", "status", "what", "data source", "accepted", "ended", "rows", "left out")
    print_table(columns, map(_job_row, jobs))


def rows_words(job: Job) -> str:
    """Tell how many rows a load read and left out."""
    left_out = f", {job.failed_count:,} of them left out" if job.failed_count else ""
    return f"{job.total_count or 0:,} {'row' if job.total_count == 1 else 'rows'}{left_out}"


def described_job(job: Job) -> dict[str, Any]:
    """Return a job for a JSON document; what is not known is absent."""
    members = {
        "id": job.id,
        "kind": job.kind.value,
        "status": job.status.value,
        "dataSource": job.data_source,
        "description": job.description,
        "createdAt": _iso(job.created_at),
        "completedAt": _iso(job.completed_at),
        "errorMessage": job.error_message,
        "totalCount": job.total_count,
        "failedCount": job.failed_count,
        "fetchedBytes": job.fetched_bytes,
    }
    return {name: value for name, value in members.items() if value is not None}


def minutes(at: datetime | None) -> str:
    """Return a time in UTC for a table."""
    return "" if at is None else f"{at:%Y-%m-%d %H:%M}"


def _described_issue(issue: RowIssue) -> dict[str, str]:
    return {
        "severity": issue.severity,
        "location": issue.location,
        "entityId": issue.entity_id,
        "property": issue.property,
        "found": issue.found,
        "expected": issue.expected,
    }


def _issue_row(issue: RowIssue) -> tuple[str, ...]:
    return issue.severity, issue.location, issue.entity_id, issue.property, issue.found, issue.expected


def _job_row(job: Job) -> tuple[str, ...]:
    counts = ("" if count is None else f"{count:,}" for count in (job.total_count, job.failed_count))
    what = job.description or job.kind.value
    return job.id, job.status, what, job.data_source or "", minutes(job.created_at), minutes(job.completed_at), *counts


def _how_far(job: Job) -> str:
    fetched = f", {job.fetched_bytes:,} bytes fetched" if job.fetched_bytes is not None else ""
    rows = f", {rows_words(job)}" if job.total_count is not None else ""
    return f"{job.data_source or ''}: {job.status}{fetched}{rows}".removeprefix(": ")


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
