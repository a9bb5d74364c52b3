"""What the demo does, step by step."""

from __future__ import annotations

import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from geostead.cli.demo_data import ENTITY_TYPE, Sample, airports
from geostead.cli.options import settings_of
from geostead.errors import GeosteadError
from geostead.model.person import Role
from geostead.operations.create_account import create_account
from geostead.operations.create_person import create_person
from geostead.wiring.installation import prepared_services

ACCOUNT = "demo"
EMAIL = "demo@example.com"
DATA_SOURCE = "Airports"
LOAD_TIMEOUT_S = 120.0
POLL_S = 0.05


class DemoFailed(GeosteadError):
    """A step of the demo did not do what it should."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query to show."""

    question: str
    options: dict[str, str]
    columns: tuple[str, ...]


QUERIES = (
    Query(
        "Which airports are nearest to the centre of Reykjavik?",
        {"spatialFilter": "nearby(64.1466,-21.9426,100)", "$select": "EntityID,Name,City,__Distance", "$top": "5"},
        ("EntityID", "Name", "City", "__Distance"),
    ),
    Query(
        "Which airports within 150 km of Zurich with an IATA code lie above 500 m?",
        {
            "spatialFilter": "nearby(47.3769,8.5417,150)",
            "$filter": "Elevation gt 500 and IATA ne ''",
            "$select": "IATA,Name,Country,Elevation,__Distance",
            "$top": "8",
        },
        ("IATA", "Name", "Country", "Elevation", "__Distance"),
    ),
    Query(
        "How many airports does Fiji's bounding box hold, across the antimeridian?",
        {
            "spatialFilter": "bbox(-21,176.5,-12,-178)",
            "$inlinecount": "allpages",
            "$orderby": "Name",
            "$select": "EntityID,Name,City,Latitude,Longitude",
            "$top": "5",
        },
        ("EntityID", "Name", "City", "Latitude", "Longitude"),
    ),
)


def take_tour(folder: Path, *, once: bool) -> None:
    """Run the demo in an empty folder. Raises DemoFailed."""
    console = Console(highlight=False)
    with _server(folder) as (process, base_url), httpx.Client(base_url=base_url, timeout=30) as client:
        console.print(f"[bold]Geostead[/bold] serves [cyan]{base_url}[/cyan] from the throw-away folder {folder}")
        master_key, query_key, password = _create_account(folder)
        query_url = _load(client, console, airports(), master_key)
        for query in QUERIES:
            _show(client, console, query_url, query, query_key)
        _print_what_next(console, query_url, base_url, master_key, query_key)
        _print_console(console, base_url, password)
        if not once:
            console.print("Press Ctrl-C to stop.")
            _wait_for_end(process)


@contextmanager
def _server(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-m", "geostead", "serve", "--data-dir", str(folder / "data"), "--port", "0"]
    log = folder / "serve.log"
    with (
        log.open("w") as stderr,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True) as process,  # noqa: S603  our own
    ):
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                raise DemoFailed(f"The server did not start:\n{log.read_text()[-2000:]}")
            yield process, line.split()[-1].rstrip("/")
        finally:
            process.terminate()
            process.wait()


def _create_account(folder: Path) -> tuple[str, str, str]:
    """Create an account and a person who owns it; return the master key, the query key and the password."""
    password = secrets.token_urlsafe(12)
    with prepared_services(settings_of(data_dir=folder / "data")) as services:
        created = create_account(services, ACCOUNT, settings_of().new_account_limits)
        create_person(services, EMAIL, password, account_name=ACCOUNT, role=Role.OWNER)
    master, query = created.keys
    return master.value, query.value, password


def _load(client: httpx.Client, console: Console, sample: Sample, key: str) -> str:
    """Load the sample as a client would; return the URL of its entities."""
    parameters = {"dataSourceName": DATA_SOURCE, "loadOperation": "complete", "input": "pipe", "key": key}
    reply = client.post("/REST/v1/Dataflows/LoadDataSource", params=parameters, content=sample.upload)
    if reply.status_code != httpx.codes.CREATED:
        raise DemoFailed(f"The load was refused: {reply.text}")
    size_mb = len(sample.upload) / 1e6
    console.print(f"POST …/Dataflows/LoadDataSource with {sample.entity_count:,} airports ({size_mb:.1f} MB): 201")
    columns = (TextColumn("  loading"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, TimeElapsedColumn(), console=console) as progress:
        task = progress.add_task("Pending", total=sample.entity_count)
        for job in _polled(client, reply.headers["Location"], key):
            progress.update(task, completed=job["processedEntityCount"], description=job["status"])
    if job["status"] != "Completed":
        raise DemoFailed(f"The load was aborted: {job.get('errorMessage')}")
    service_url = next(link["url"] for link in job["links"] if link["role"] == "dataSource")
    return f"{service_url}/{ENTITY_TYPE}"


def _polled(client: httpx.Client, status_url: str, key: str) -> Iterator[dict[str, Any]]:
    """Ask for the status of a job again and again; the last one is not pending any more."""
    deadline_s = time.monotonic() + LOAD_TIMEOUT_S
    while time.monotonic() < deadline_s:
        reply = client.get(status_url, params={"output": "json", "key": key})
        job: dict[str, Any] = reply.raise_for_status().json()["resourceSets"][0]["resources"][0]
        yield job
        if job["status"] != "Pending":
            return
        time.sleep(POLL_S)
    raise DemoFailed(f"The load did not end within {LOAD_TIMEOUT_S:.0f} seconds.")


def _show(client: httpx.Client, console: Console, query_url: str, query: Query, key: str) -> None:
    parameters = {**query.options, "$format": "json", "key": key}
    began_s = time.perf_counter()
    reply = client.get(query_url, params=parameters)
    took_ms = (time.perf_counter() - began_s) * 1000
    if reply.status_code != httpx.codes.OK:
        raise DemoFailed(f"The query failed: {reply.text}")
    content = reply.json()["d"]
    table = Table(*query.columns, title=query.question, title_justify="left", title_style="bold")
    for entity in content["results"]:
        table.add_row(*(Text(_cell(entity[name])) for name in query.columns))
    console.print()
    console.print(table)
    console.print(f"GET {query_url}?{_readable(query.options)}", soft_wrap=True, style="cyan")
    count = f", {content['__count']} in all" if "__count" in content else ""
    console.print(f"{len(content['results'])} shown{count}, {took_ms:.1f} ms")


def _cell(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _readable(options: dict[str, str]) -> str:
    return "&".join(f"{name}={value}" for name, value in options.items())


def _print_what_next(console: Console, query_url: str, base_url: str, master_key: str, query_key: str) -> None:
    console.print("\n[bold]Go on with[/bold]")
    nearby = "spatialFilter=nearby(51.5074,-0.1278,40)&$select=Name,City,__Distance&$format=json"
    lines = (
        f"master key  {master_key}",
        f"query key   {query_key}",
        f"curl '{query_url}?{nearby}&key={query_key}'",
        f'curl "{query_url}(%27LOWI%27)?\\$format=json&key={query_key}"',
        f"curl '{base_url}/REST/v1/data?$format=json&key={master_key}'",
        f"curl '{base_url}/REST/v1/data/$metadata?key={master_key}'",
    )
    for line in lines:
        console.print(f"  {line}", soft_wrap=True, markup=False)


def _print_console(console: Console, base_url: str, password: str) -> None:
    console.print("\n[bold]In a browser[/bold]")
    for line in (f"{base_url}/console", f"e-mail      {EMAIL}", f"password    {password}"):
        console.print(f"  {line}", soft_wrap=True, markup=False)


def _wait_for_end(process: subprocess.Popen[str]) -> None:
    try:
        process.wait()
    except KeyboardInterrupt:
        return
    raise DemoFailed("The server has ended.")
