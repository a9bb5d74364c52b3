"""The history of the schema, run by Alembic. ``versions/`` has one file a step; steps are never changed afterwards."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection

from geostead.errors import Unavailable


def bring_up_to_date(connection: Connection) -> None:
    """Take all steps that the database has not taken yet, in the transaction of ``connection``.

    Raises Unavailable if the database has taken steps that this program does not know.
    """
    config = Config()
    config.set_main_option("script_location", "geostead.catalog:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise Unavailable(f"The catalog cannot be brought to the schema of this program: {error}.") from error
