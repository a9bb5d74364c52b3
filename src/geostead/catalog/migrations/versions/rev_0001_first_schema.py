"""Make accounts, keys, versions, data sources and jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Take the step. The order follows the foreign keys."""
    _make_accounts()
    _make_keys()
    _make_versions()
    _make_data_sources()
    _make_jobs()


def _make_accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("limits", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("name", name="uq_accounts_name"),
    )


def _make_keys() -> None:
    op.create_table(
        "keys",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("account_id", sa.String(32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger()),
        sa.Column("revoked_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("number", name="pk_keys"),
        sa.UniqueConstraint("id", name="uq_keys_id"),
        sa.UniqueConstraint("digest", name="uq_keys_digest"),
        sa.UniqueConstraint("account_id", "name", name="uq_keys_account_id_name"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_keys_account_id_accounts"),
    )


def _make_versions() -> None:
    op.create_table(
        "versions",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("job_id", sa.String(32), nullable=False),
        sa.Column("data_source_id", sa.String(32), nullable=False),
        sa.Column("snapshot_id", sa.Text(), nullable=False),
        sa.Column("entity_type", sa.Text(), nullable=False),
        sa.Column("entity_count", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_versions"),
        sa.UniqueConstraint("job_id", name="uq_versions_job_id"),
        sa.UniqueConstraint("snapshot_id", name="uq_versions_snapshot_id"),
    )
    op.create_index("ix_versions_data_source_id_number", "versions", ["data_source_id", "number"])


def _make_data_sources() -> None:
    op.create_table(
        "data_sources",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("account_id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(50), nullable=False),
        sa.Column("lower_name", sa.String(50), nullable=False),
        sa.Column("access_id", sa.String(32), nullable=False),
        sa.Column("master_key_id", sa.String(32)),
        sa.Column("query_key_id", sa.String(32)),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("is_reserved", sa.Boolean(), nullable=False),
        sa.Column("description", sa.Text()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("published_version_id", sa.String(32)),
        sa.Column("staged_version_id", sa.String(32)),
        sa.PrimaryKeyConstraint("id", name="pk_data_sources"),
        sa.UniqueConstraint("access_id", name="uq_data_sources_access_id"),
        sa.UniqueConstraint("account_id", "lower_name", name="uq_data_sources_account_id_lower_name"),
        sa.UniqueConstraint("published_version_id", name="uq_data_sources_published_version_id"),
        sa.UniqueConstraint("staged_version_id", name="uq_data_sources_staged_version_id"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_data_sources_account_id_accounts"),
        sa.ForeignKeyConstraint(["master_key_id"], ["keys.id"], name="fk_data_sources_master_key_id_keys"),
        sa.ForeignKeyConstraint(["query_key_id"], ["keys.id"], name="fk_data_sources_query_key_id_keys"),
        sa.ForeignKeyConstraint(
            ["published_version_id"], ["versions.job_id"], name="fk_data_sources_published_version_id_versions"
        ),
        sa.ForeignKeyConstraint(
            ["staged_version_id"], ["versions.job_id"], name="fk_data_sources_staged_version_id_versions"
        ),
    )
    op.create_index("ix_data_sources_master_key_id", "data_sources", ["master_key_id"])
    op.create_index("ix_data_sources_query_key_id", "data_sources", ["query_key_id"])


def _make_jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("account_id", sa.String(32), nullable=False),
        sa.Column("data_source_id", sa.String(32), nullable=False),
        sa.Column("master_key_id", sa.String(32), nullable=False),
        sa.Column("data_source_name", sa.String(50), nullable=False),
        sa.Column("data_source_lower_name", sa.String(50), nullable=False),
        sa.Column("access_id", sa.String(32), nullable=False),
        sa.Column("order", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("completed_at", sa.BigInteger()),
        sa.Column("description", sa.Text()),
        sa.Column("total_count", sa.BigInteger(), nullable=False),
        sa.Column("processed_count", sa.BigInteger(), nullable=False),
        sa.Column("failed_count", sa.BigInteger(), nullable=False),
        sa.Column("error_message", sa.Text()),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("output", sa.Text()),
        sa.Column("error_log", sa.Text()),
        sa.Column("worker", sa.Text()),
        sa.Column("leased_until", sa.BigInteger()),
        sa.Column("lost_leases", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_jobs"),
        sa.UniqueConstraint("id", name="uq_jobs_id"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_jobs_account_id_accounts"),
    )
    _index_jobs()


def _index_jobs() -> None:
    op.create_index("ix_jobs_status_number", "jobs", ["status", "number"])
    op.create_index("ix_jobs_data_source_id_status_number", "jobs", ["data_source_id", "status", "number"])
    op.create_index("ix_jobs_account_id_created_at", "jobs", ["account_id", "created_at"])
    op.create_index(
        "ix_jobs_account_id_kind_data_source_lower_name_number",
        "jobs",
        ["account_id", "kind", "data_source_lower_name", "number"],
    )
    has_files = sa.text("output IS NOT NULL OR error_log IS NOT NULL")
    op.create_index("ix_jobs_with_files", "jobs", ["completed_at"], sqlite_where=has_files, postgresql_where=has_files)
