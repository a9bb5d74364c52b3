"""``geostead serve``: the whole service in one command."""

from __future__ import annotations

import logging.config
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from geostead.cli.drain import Drain
from geostead.cli.first_user import first_user_hint
from geostead.cli.http_server import check_certificate, free_port, is_ready, run_http_server
from geostead.cli.job_workers import job_worker_roles
from geostead.cli.node import measured_node
from geostead.cli.options import DataDir, settings_of
from geostead.cli.prepare import prepare_installation
from geostead.cli.processes import Role, Supervisor
from geostead.log_lines import logging_config
from geostead.settings import InvalidSetting, Settings, variable_of
from geostead.wiring.processes import build_chores, build_warm_up

PemFile = Path | None


def serve(  # noqa: PLR0913, PLR0917  each argument is an option of the command line
    host: Annotated[str | None, typer.Option(help="Address to listen on. [default: 127.0.0.1]")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="Port to listen on; 0 picks a free one. [default: 8080]")
    ] = None,
    data_dir: DataDir = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=256, help="HTTP server processes. [default: one for each CPU, at most 8]")
    ] = None,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="Run no jobs here; 'geostead worker' runs them elsewhere.")
    ] = False,
    tls_cert: Annotated[PemFile, typer.Option(help="PEM file with the certificate chain, for https.")] = None,
    tls_key: Annotated[PemFile, typer.Option(help="PEM file with the certificate's private key.")] = None,
) -> None:
    """Run the HTTP server and the workers that load data, until SIGTERM or Ctrl-C.

    Prints the URL when it is ready to answer. Options go before GEOSTEAD_* variables, those before geostead.toml.
    """
    settings = settings_of(host=host, port=port, data_dir=data_dir, workers=workers, tls_cert=tls_cert, tls_key=tls_key)
    if no_worker:
        settings = replace(settings, job_workers=0)
    check_certificate(settings)
    settings = replace(settings, port=free_port(settings.host, settings.port))
    if settings.metrics_port == settings.port:
        raise InvalidSetting(variable_of("metrics_port"), settings.port, "another port than that of the API")
    logging.config.dictConfig(logging_config(settings.log_level))
    prepare_installation(settings)  # once, before many processes open the catalog
    hint = first_user_hint(settings)
    drain = Drain(settings.drain_s)
    with measured_node(settings) as node, build_chores(settings), build_warm_up(settings):
        server = Role("HTTP server", partial(run_http_server, settings, drain, node), drains=True)
        roles = [server, *job_worker_roles(settings, settings.job_workers, node)]
        Supervisor(roles, drain).run(partial(is_ready, settings), partial(_announce, settings, hint))


def _announce(settings: Settings, hint: str) -> None:
    scheme = "http" if settings.tls_cert is None else "https"
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    base_url = settings.public_url or f"{scheme}://{host}:{settings.port}"
    typer.echo(f"Geostead is ready at {scheme}://{host}:{settings.port}/")
    if settings.console:
        typer.echo(f"The console for people is at {base_url.rstrip('/')}/console")
    if hint:
        typer.echo(hint)
