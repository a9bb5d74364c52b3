"""The trace of the request that a job was accepted by."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None
works_with = "0003"


def upgrade() -> None:
    """Take the step."""
    op.add_column("jobs", sa.Column("trace", sa.String(55)))
