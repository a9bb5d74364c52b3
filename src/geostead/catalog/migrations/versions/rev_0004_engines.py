"""Which engine the next loads of a data source use, where the operator has chosen one."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None
works_with = "0003"


def upgrade() -> None:
    """Take the step."""
    op.add_column("data_sources", sa.Column("engine", sa.String(32)))
