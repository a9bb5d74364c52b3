"""The history of the schema, run by Alembic. ``versions/`` has one file a step; steps are never changed afterwards.

Most processes find a database that somebody else has brought up to date, so Alembic is imported when it is needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, insert, inspect, select

from geostead.catalog.tables import schema_compatibility
from geostead.errors import Unfit

if TYPE_CHECKING:
    from alembic.config import Config

STEPS = "geostead.catalog:migrations"


def bring_up_to_date(connection: Connection, steps: str = STEPS) -> None:
    """Take all steps that the database has not taken yet, in the transaction of ``connection``.

    A database that a newer program has brought further is left as it is, if that program said that this one may go on.
    Raises Unfit otherwise, with both numbers.
    """
    from alembic import command
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = _config(connection, steps)
    script = ScriptDirectory.from_config(config)
    taken = MigrationContext.configure(connection).get_current_revision()
    if taken == script.get_current_head():
        return
    if taken is not None and taken not in {step.revision for step in script.walk_revisions()}:
        _check_works(connection, taken, script.get_current_head() or "")
        return
    command.upgrade(config, "head")
    head = script.get_revision("head")
    connection.execute(delete(schema_compatibility))
    connection.execute(insert(schema_compatibility).values(works_with=head.module.works_with))


def _config(connection: Connection, steps: str) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", steps)
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _check_works(connection: Connection, taken: str, newest: str) -> None:
    """Raise Unfit unless a program whose newest step is ``newest`` may work with a database that is further."""
    works_with = None
    if inspect(connection).has_table(schema_compatibility.name):
        works_with = connection.scalar(select(schema_compatibility.c.works_with))
    if works_with is None or works_with > newest:
        raise Unfit(
            f"The catalog has the schema {taken} of a newer Geostead, which works with programs of the schema "
            f"{works_with or taken} or newer; this program has {newest}. Start the newer Geostead here too."
        )
