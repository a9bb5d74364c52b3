"""The tables: one schema for every database. ``migrations`` makes them; a test holds the two against each other.

``number`` columns keep the order of insertion, which times alone cannot (two may be equal). Where a noun of the model
is kept whole, its columns have the names of its fields (:mod:`geostead.catalog.rows` relies on it).
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Enum,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    or_,
)

from geostead.catalog.column_types import (
    DayColumn,
    EntityTypeColumn,
    InstantColumn,
    LimitsColumn,
    OrderColumn,
    SchemaEditsColumn,
    WordsColumn,
)
from geostead.model.draft import ChangeKind
from geostead.model.engine import EntityEngine
from geostead.model.job import JobKind, JobStatus
from geostead.model.person import Role

NAMING_CONVENTION = {
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
}

metadata = MetaData(naming_convention=NAMING_CONVENTION)

ID = String(32)
NUMBER = BigInteger().with_variant(Integer(), "sqlite")  # only an INTEGER key counts up by itself there


def _words(words: type[StrEnum]) -> Enum:
    """Return the column type of a closed set of words, kept as text so that a new word needs no migration."""
    return Enum(
        words, native_enum=False, create_constraint=False, length=32, values_callable=lambda e: [w.value for w in e]
    )


schema_compatibility = Table("schema_compatibility", metadata, Column("works_with", String(32), nullable=False))
"""One row: the newest step of the oldest program that may work with this schema. Of a database, not of its content."""

installation = Table("installation", metadata, Column("id", ID, nullable=False))
"""One row, made with the schema. Of a database, not of its content: a backup that is restored has the id of the catalog
that it is restored into, so that it cannot be taken for the installation that it was made of."""

accounts = Table(
    "accounts",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", Text().with_variant(Text(collation="C"), "postgresql"), nullable=False, unique=True),
    Column("limits", LimitsColumn, nullable=False),
    Column("created_at", InstantColumn, nullable=False),
)

keys = Table(
    "keys",
    metadata,
    Column("number", NUMBER, primary_key=True),
    Column("id", ID, nullable=False, unique=True),
    Column("account_id", ID, ForeignKey("accounts.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("created_at", InstantColumn, nullable=False),
    Column("expires_at", InstantColumn),
    Column("revoked_at", InstantColumn),
    Column("referrers", WordsColumn, nullable=False, server_default="[]"),
    UniqueConstraint("account_id", "name"),
)

versions = Table(
    "versions",
    metadata,
    Column("number", NUMBER, primary_key=True),
    Column("job_id", ID, nullable=False, unique=True),
    # Not a foreign key: data sources point here, and of a circle the pointers that queries follow matter more.
    Column("data_source_id", ID, nullable=False),
    Column("snapshot_id", Text, nullable=False, unique=True),
    Column("entity_type", EntityTypeColumn, nullable=False),
    Column("entity_count", BigInteger, nullable=False),
    Column("created_at", InstantColumn, nullable=False),
    # Counts the publications of a data source: the highest number is the version that was published last.
    Column("publication", BigInteger),
    Column("made_by", Text),
    Index(None, "data_source_id", "number"),
)

data_sources = Table(
    "data_sources",
    metadata,
    Column("id", ID, primary_key=True),
    Column("account_id", ID, ForeignKey("accounts.id"), nullable=False),
    Column("name", String(50), nullable=False),
    Column("lower_name", String(50).with_variant(String(50, collation="C"), "postgresql"), nullable=False),
    Column("access_id", ID, nullable=False, unique=True),
    Column("master_key_id", ID, ForeignKey("keys.id"), index=True),
    Column("query_key_id", ID, ForeignKey("keys.id"), index=True),
    Column("is_public", Boolean, nullable=False),
    Column("is_reserved", Boolean, nullable=False),
    Column("description", Text),
    Column("created_at", InstantColumn, nullable=False),
    Column("published_version_id", ID, ForeignKey("versions.job_id"), unique=True),
    Column("staged_version_id", ID, ForeignKey("versions.job_id"), unique=True),
    # Whether a pending job deletes it, or what of it is staged: only jobs ahead of that one still see it.
    Column("is_deleting", Boolean, nullable=False, server_default=false()),
    Column("is_staged_deleting", Boolean, nullable=False, server_default=false()),
    Column("engine", _words(EntityEngine)),
    UniqueConstraint("account_id", "lower_name"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("number", NUMBER, primary_key=True),
    Column("id", ID, nullable=False, unique=True),
    Column("kind", _words(JobKind), nullable=False),
    Column("account_id", ID, ForeignKey("accounts.id"), nullable=False),
    # The job outlives its data source and the rights to it: neither of these two is a foreign key.
    Column("data_source_id", ID, nullable=False),
    Column("master_key_id", ID, nullable=False),
    Column("data_source_name", String(50), nullable=False),
    Column("data_source_lower_name", String(50), nullable=False),
    Column("access_id", ID, nullable=False),
    Column("order", OrderColumn, nullable=False),
    Column("status", _words(JobStatus), nullable=False),
    Column("created_at", InstantColumn, nullable=False),
    Column("completed_at", InstantColumn),
    Column("description", Text),
    Column("total_count", BigInteger, nullable=False),
    Column("processed_count", BigInteger, nullable=False),
    Column("failed_count", BigInteger, nullable=False),
    Column("fetched_bytes", BigInteger),
    Column("error_message", Text),
    Column("attempt", Integer, nullable=False),
    Column("output", Text),
    Column("error_log", Text),
    Column("trace", String(55)),
    Column("made_by", Text),
    Column("worker", Text),
    Column("leased_until", InstantColumn),
    Column("lost_leases", Integer, nullable=False),
    Index(None, "status", "number"),
    Index(None, "data_source_id", "status", "number"),
    Index(None, "account_id", "created_at"),
    Index(None, "account_id", "kind", "data_source_lower_name", "number"),
)

has_files = or_(jobs.c.output.is_not(None), jobs.c.error_log.is_not(None))
"""Whether a job still has an output or an error log."""

Index("ix_jobs_with_files", jobs.c.completed_at, sqlite_where=has_files, postgresql_where=has_files)

# What the console keeps goes with what it belongs to: a program that knows nothing of it may delete that, too.

people = Table(
    "people",
    metadata,
    Column("id", ID, primary_key=True),
    Column("email", Text().with_variant(Text(collation="C"), "postgresql"), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("password_hash", Text),
    Column("created_at", InstantColumn, nullable=False),
    Column("signed_in_at", InstantColumn),
)

identities = Table(
    "identities",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("person_id", ID, ForeignKey("people.id", ondelete="CASCADE"), nullable=False, index=True),
)

members = Table(
    "members",
    metadata,
    Column("account_id", ID, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    Column("person_id", ID, ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("role", _words(Role), nullable=False),
    Column("since", InstantColumn, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("person_id", ID, ForeignKey("people.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", InstantColumn, nullable=False),
    Column("expires_at", InstantColumn, nullable=False, index=True),
)
"""Of a database, not of its content: nobody is signed in to a catalog that was restored."""

sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    Column("number", NUMBER, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("at", InstantColumn, nullable=False, index=True),
    Index(None, "subject", "at"),
)
"""Likewise."""

secrets = Table("secrets", metadata, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))
"""What all nodes sign with. Likewise: no backup holds it."""

key_uses = Table(
    "key_uses",
    metadata,
    # Not columns of the keys: these are locked and looked up by every request.
    Column("key_id", ID, ForeignKey("keys.id", ondelete="CASCADE"), primary_key=True),
    Column("last_used_at", InstantColumn, nullable=False),
)

usage_counts = Table(
    "usage_counts",
    metadata,
    Column("account_id", ID, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    Column("day", DayColumn, primary_key=True),
    Column("data_source_name", String(50), primary_key=True),
    Column("operation", String(64), primary_key=True),
    Column("requests", BigInteger, nullable=False),
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", ID, primary_key=True),
    Column("account_id", ID, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("data_source_id", ID, ForeignKey("data_sources.id", ondelete="CASCADE"), nullable=False),
    Column("person_id", ID, ForeignKey("people.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("base_version_id", ID, nullable=False),
    Column("schema_edits", SchemaEditsColumn, nullable=False),
    Column("created_at", InstantColumn, nullable=False),
    Column("changed_at", InstantColumn, nullable=False),
    # The load that carries it out; not a foreign key, because the load is recorded after it.
    Column("job_id", ID, index=True),
    UniqueConstraint("data_source_id", "person_id"),
)

draft_changes = Table(
    "draft_changes",
    metadata,
    Column("draft_id", ID, ForeignKey("drafts.id", ondelete="CASCADE"), primary_key=True),
    Column("entity_id", Text().with_variant(Text(collation="C"), "postgresql"), primary_key=True),
    Column("kind", _words(ChangeKind), nullable=False),
    Column("values", JSON, nullable=False),
)

kept_uploads = Table(
    "kept_uploads",
    metadata,
    Column("id", ID, primary_key=True),
    Column("account_id", ID, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("person_id", ID, ForeignKey("people.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("file_name", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("created_at", InstantColumn, nullable=False, index=True),
)
"""Likewise of a database alone: no backup holds their blobs."""

PASSING = (sessions, sign_in_failures, secrets, kept_uploads)
"""The tables that no copy of a catalog holds anything of."""

_OF_A_DATABASE = (schema_compatibility, installation, *PASSING)

CONTENT = tuple(table for table in metadata.sorted_tables if table not in _OF_A_DATABASE)
"""The tables of a catalog's content, what others point to first."""
