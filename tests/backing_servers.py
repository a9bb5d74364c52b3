"""PostgreSQL and S3 servers under the installations of tests: one of each for a whole test run."""

from __future__ import annotations

import atexit
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import obstore
from obstore.store import S3Store

from geostead.snapshots.postgis.store import PostgisSnapshots
from geostead.wire.entities_json import render_fragments
from tests.postgres import POSTGIS, Postgres, running_postgres
from tests.s3 import S3Server, running_s3


@dataclass(frozen=True)
class Backing:
    """The database and the place in the bucket of one installation, and the servers that hold them."""

    database: Postgres
    store: S3Server
    variables: Mapping[str, str]
    """Lead a process of geostead there."""

    def names(self, area: str) -> list[str]:
        """Return the names of what is kept in an area: objects, what several have in common, snapshots in PostGIS."""
        prefix = f"{area}/"
        found = obstore.list(self._bucket(), prefix=prefix).collect()
        names = {each["path"].removeprefix(prefix).split("/")[0] for each in found}
        return sorted(names.union(self._in_postgis() if area == "snapshots" else ()))

    def _in_postgis(self) -> list[str]:
        if "GEOSTEAD_ENTITIES" not in self.variables:
            return []
        with closing(PostgisSnapshots(self.variables["GEOSTEAD_DATABASE_URL"], render_fragments)) as store:
            return list(store.ids())

    def _bucket(self) -> S3Store:
        return S3Store.from_url(
            self.variables["GEOSTEAD_STORE_URL"],
            endpoint=self.store.endpoint,
            access_key_id=self.variables["AWS_ACCESS_KEY_ID"],
            secret_access_key=self.variables["AWS_SECRET_ACCESS_KEY"],
            region=self.variables["AWS_REGION"],
            client_options={"allow_http": True},
        )


@cache
def backing_of(data_dir: Path, *, with_entities: bool) -> Backing:
    """Return the backing of an installation; make an empty one when it is first asked for."""
    database, store = servers()
    return make_backing(database, store, with_entities=with_entities)


def make_backing(database: Postgres, store: S3Server, *, with_entities: bool) -> Backing:
    """Make an empty database and an empty place in the bucket; ``with_entities``: PostGIS holds the entities, too."""
    url = database.new_database(like=POSTGIS if with_entities else "template1")
    variables = {**store.environment, "GEOSTEAD_DATABASE_URL": url, "GEOSTEAD_STORE_URL": store.fresh_url()}
    if with_entities:
        variables |= {"GEOSTEAD_ENTITIES": "postgis"}
    return Backing(database, store, variables)


@cache
def servers() -> tuple[Postgres, S3Server]:
    """Start both servers, which end with this process."""
    stack = ExitStack()
    atexit.register(stack.close)
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="geostead-s3-", ignore_cleanup_errors=True))
    return stack.enter_context(running_postgres()), stack.enter_context(running_s3(Path(folder)))
