"""What the console keeps: people and their sessions, drafts, kept uploads, uses; who asked for a job."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None
# Older programs cannot read loads of tables, take kept uploads for rubbish, and open restricted keys to every page.
works_with = "0007"

ID = sa.String(32)
INSTANT = sa.BigInteger()
C_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Take the step."""
    op.add_column("keys", sa.Column("referrers", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("versions", sa.Column("made_by", sa.Text()))
    op.add_column("jobs", sa.Column("made_by", sa.Text()))
    _people()
    _sessions()
    _uses()
    _drafts()
    _kept_uploads()


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("id", ID, nullable=False),
        sa.Column("email", C_TEXT, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text()),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("signed_in_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sa.UniqueConstraint("email", name="uq_people_email"),
    )
    op.create_table(
        "identities",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_identities"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name="fk_identities_person_id_people", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_identities_person_id", "identities", ["person_id"])
    op.create_table(
        "members",
        sa.Column("account_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "person_id", name="pk_members"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_members_account_id_accounts", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_members_person_id_people", ondelete="CASCADE"),
    )
    op.create_index("ix_members_person_id", "members", ["person_id"])


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_sessions"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_sessions_person_id_people", ondelete="CASCADE"),
    )
    op.create_index("ix_sessions_person_id", "sessions", ["person_id"])
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])
    op.create_table(
        "sign_in_failures",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, autoincrement=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_sign_in_failures"),
    )
    op.create_index("ix_sign_in_failures_at", "sign_in_failures", ["at"])
    op.create_index("ix_sign_in_failures_subject_at", "sign_in_failures", ["subject", "at"])
    op.create_table(
        "secrets",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_secrets"),
    )


def _uses() -> None:
    op.create_table(
        "key_uses",
        sa.Column("key_id", ID, nullable=False),
        sa.Column("last_used_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key_id", name="pk_key_uses"),
        sa.ForeignKeyConstraint(["key_id"], ["keys.id"], name="fk_key_uses_key_id_keys", ondelete="CASCADE"),
    )
    op.create_table(
        "usage_counts",
        sa.Column("account_id", ID, nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("data_source_name", sa.String(50), nullable=False),
        sa.Column("operation", sa.String(64), nullable=False),
        sa.Column("requests", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "day", "data_source_name", "operation", name="pk_usage_counts"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_usage_counts_account_id_accounts", ondelete="CASCADE"
        ),
    )


def _drafts() -> None:
    op.create_table(
        "drafts",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("data_source_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("base_version_id", ID, nullable=False),
        sa.Column("schema_edits", sa.JSON(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("job_id", ID),
        sa.PrimaryKeyConstraint("id", name="pk_drafts"),
        sa.UniqueConstraint("data_source_id", "person_id", name="uq_drafts_data_source_id_person_id"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_drafts_account_id_accounts", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["data_source_id"], ["data_sources.id"], name="fk_drafts_data_source_id_data_sources", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_drafts_person_id_people", ondelete="CASCADE"),
    )
    op.create_index("ix_drafts_account_id", "drafts", ["account_id"])
    op.create_index("ix_drafts_person_id", "drafts", ["person_id"])
    op.create_index("ix_drafts_job_id", "drafts", ["job_id"])
    op.create_table(
        "draft_changes",
        sa.Column("draft_id", ID, nullable=False),
        sa.Column("entity_id", C_TEXT, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("draft_id", "entity_id", name="pk_draft_changes"),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["drafts.id"], name="fk_draft_changes_draft_id_drafts", ondelete="CASCADE"
        ),
    )


def _kept_uploads() -> None:
    op.create_table(
        "kept_uploads",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_kept_uploads"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_kept_uploads_account_id_accounts", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name="fk_kept_uploads_person_id_people", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_kept_uploads_account_id", "kept_uploads", ["account_id"])
    op.create_index("ix_kept_uploads_person_id", "kept_uploads", ["person_id"])
    op.create_index("ix_kept_uploads_created_at", "kept_uploads", ["created_at"])
