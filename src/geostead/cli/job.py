"""``geostead job``: what a Geostead has been asked to do, over HTTP."""

from __future__ import annotations

from typing import Annotated

import typer

from geostead.cli.job_words import described_job, followed, print_jobs, rows_words, tell
from geostead.cli.options import AsJson, print_json
from geostead.cli.remote import DEFAULT_URL, KeyFile, KeyValue, Url, connected

app = typer.Typer(rich_markup_mode=None, help="Jobs, over HTTP.", no_args_is_help=True)

JobId = Annotated[str, typer.Argument(metavar="JOB", help="Id of the job.")]


@app.command(name="list")
def list_(url: Url = DEFAULT_URL, key: KeyValue = None, key_file: KeyFile = None, as_json: AsJson = False) -> None:
    """List the jobs of the key's account of the last 15 days, pending ones first, then newest first; no downloads."""
    with connected(url, key, key_file) as geostead:
        jobs = geostead.jobs()
    if as_json:
        print_json({"jobs": [described_job(job) for job in jobs]})
    elif jobs:
        print_jobs(jobs)
    else:
        typer.echo("There are no jobs of the last 15 days.")


@app.command()
def watch(
    job: JobId, url: Url = DEFAULT_URL, key: KeyValue = None, key_file: KeyFile = None, as_json: AsJson = False
) -> None:
    """Follow a job to its end, with progress on stderr. Exit code 1 if it was aborted."""
    with connected(url, key, key_file) as geostead:
        ended = followed(geostead, geostead.job(job))
        rows = f": {rows_words(ended)}" if ended.total_count is not None else ""
        tell(geostead, ended, f"The job {ended.id} is completed{rows}.", as_json=as_json, with_issues=True)


@app.command()
def cancel(
    job: JobId, url: Url = DEFAULT_URL, key: KeyValue = None, key_file: KeyFile = None, as_json: AsJson = False
) -> None:
    """Cancel a pending job. Takes the master key of its data source."""
    with connected(url, key, key_file) as geostead:
        cancelled = geostead.cancel(job)
    if as_json:
        print_json({"job": described_job(cancelled)})
    else:
        typer.echo(f"Cancelled the job {cancelled.id}.")
