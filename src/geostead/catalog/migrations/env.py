"""Run by Alembic: takes the steps on the connection that the caller handed over."""

from alembic import context

from geostead.catalog.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
