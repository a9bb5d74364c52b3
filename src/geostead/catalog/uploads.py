"""Files that were sent to the console and are not loaded yet."""

from __future__ import annotations

from dataclasses import asdict, fields

from sqlalchemy import delete, insert, select

from geostead.catalog.database import CatalogPart, transaction
from geostead.catalog.tables import kept_uploads
from geostead.model.kept_upload import KeptUpload

_COLUMNS = [kept_uploads.c[field.name] for field in fields(KeptUpload)]


class SqlKeptUploads(CatalogPart):
    """Implements :class:`geostead.catalog.uploads_port.KeptUploads`."""

    @transaction
    def add_upload(self, upload: KeptUpload) -> None:
        """Record a file whose blob is durable."""
        with self._database.writing() as connection:
            connection.execute(insert(kept_uploads).values(asdict(upload)))

    @transaction
    def find_upload(self, account_id: str, upload_id: str) -> KeptUpload | None:
        """Return a kept upload of an account."""
        wanted = select(*_COLUMNS).where(kept_uploads.c.account_id == account_id, kept_uploads.c.id == upload_id)
        with self._database.reading() as connection:
            row = connection.execute(wanted).one_or_none()
        return None if row is None else KeptUpload(*row)

    @transaction
    def list_uploads(self, account_id: str) -> list[KeptUpload]:
        """Return the kept uploads of an account, the youngest first."""
        theirs = select(*_COLUMNS).where(kept_uploads.c.account_id == account_id)
        by_age = kept_uploads.c.created_at.desc(), kept_uploads.c.id.desc()
        with self._database.reading() as connection:
            return [KeptUpload(*row) for row in connection.execute(theirs.order_by(*by_age))]

    @transaction
    def drop_upload(self, upload_id: str) -> None:
        """Forget it; one that is not there is fine."""
        with self._database.writing() as connection:
            connection.execute(delete(kept_uploads).where(kept_uploads.c.id == upload_id))
