"""The id of the installation, which the places that it keeps files in name as their owner."""

import sqlalchemy as sa
from alembic import op

from geostead.model.ids import new_id

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None
works_with = "0003"


def upgrade() -> None:
    """Take the step."""
    installation = op.create_table("installation", sa.Column("id", sa.String(32), nullable=False))
    op.bulk_insert(installation, [{"id": new_id()}])
