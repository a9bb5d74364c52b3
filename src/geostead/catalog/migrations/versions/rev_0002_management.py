"""Deletions that wait for their turn, the order of publications, the progress of fetching, what downloads pin."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

GONE = "The version was replaced before it was downloaded."


def upgrade() -> None:
    """Take the step."""
    op.add_column("data_sources", sa.Column("is_deleting", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column(
        "data_sources", sa.Column("is_staged_deleting", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("versions", sa.Column("publication", sa.BigInteger()))
    op.add_column("jobs", sa.Column("fetched_bytes", sa.BigInteger()))
    op.execute("UPDATE versions SET publication = number")  # until now every version was published as it was made
    _pin_snapshots(op.get_bind())


def _pin_snapshots(connection: sa.Connection) -> None:
    """Add to the orders of downloads the snapshot of their version.

    Where that is gone, a pending download is aborted, and a completed one loses its output as if that had outlived its
    time. The snapshot that these get is the one of an attempt that was never made.
    """
    versions = connection.execute(sa.text("SELECT job_id, snapshot_id FROM versions"))
    snapshots = {row.job_id: row.snapshot_id for row in versions}
    downloads = sa.text("SELECT id, \"order\" FROM jobs WHERE kind = 'download'")
    for job_id, order in connection.execute(downloads).all():
        version_id = json.loads(order)["download"]["version_id"]
        pinned = {"version_id": version_id, "snapshot_id": snapshots.get(version_id, f"{version_id}-0")}
        changed = sa.text('UPDATE jobs SET "order" = :order WHERE id = :id')
        connection.execute(changed, {"order": json.dumps({"download": pinned}), "id": job_id})
        if version_id not in snapshots:
            _give_up(connection, job_id)


def _give_up(connection: sa.Connection, job_id: str) -> None:
    aborted = sa.text(
        "UPDATE jobs SET status = 'Aborted', completed_at = created_at, error_message = :reason,"
        " worker = NULL, leased_until = NULL WHERE id = :id AND status = 'Pending'"
    )
    connection.execute(aborted, {"reason": GONE, "id": job_id})
    connection.execute(sa.text("UPDATE jobs SET output = NULL WHERE id = :id"), {"id": job_id})
