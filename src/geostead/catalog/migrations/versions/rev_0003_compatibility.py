"""Say in the database which programs may work with it; on PostgreSQL, put names in ordinal order as SQLite does.

Steps from here on say with ``works_with`` which programs may go on while the step has been taken: those whose newest
step is that one or a later one (docs/explanation/schema-changes.md).
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None
works_with = "0003"

ORDERED = {"accounts": ("name", sa.Text()), "data_sources": ("lower_name", sa.String(50))}


def upgrade() -> None:
    """Take the step."""
    op.create_table("schema_compatibility", sa.Column("works_with", sa.String(32), nullable=False))
    if op.get_bind().dialect.name == "postgresql":
        for table, (column, type_) in ORDERED.items():
            op.alter_column(table, column, type_=type_.with_variant(_ordinal(type_), "postgresql"))


def _ordinal(type_: sa.String) -> sa.String:
    return type(type_)(type_.length, collation="C")
