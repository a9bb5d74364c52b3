"""Write what an incremental load makes of its base (data-formats.md, section 6)."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from geostead.errors import InvalidSchema, OvertakenByEvents
from geostead.formats.base import EntityBatch
from geostead.model.columns import arrow_schema
from geostead.model.data_source import Version
from geostead.model.entity_type import EdmType, EntityType
from geostead.model.job import Job, LoadOperation, LoadOrder
from geostead.operations.services import Services
from geostead.snapshots.base import WrittenChanges

_MAX_LISTED = 10

_Declaration = tuple[str, EdmType, bool]
"""Lower-case name of a property, its type, whether it is the primary key: what has to be the same."""


def find_base(services: Services, job: Job, operation: LoadOperation) -> Version:
    """Return the version that an incremental load changes, as things stand now. Raises OvertakenByEvents if none."""
    found = services.catalog.versions_of(job.data_source_id)
    base = None if found is None else found.base_of(operation)
    if base is None:
        wanted = "published or staged" if operation.is_staging else "published"
        raise OvertakenByEvents(
            f"The data source {job.data_source_name} has no {wanted} version (any more) that the load could change."
        )
    return base


def check_unchanged(services: Services, job: Job, order: LoadOrder) -> None:
    """Raise OvertakenByEvents unless the version that an upload was made out of still has its place."""
    if order.base is None:
        return
    found = services.catalog.versions_of(job.data_source_id)
    base = None if found is None else found.base_of(order.operation)
    if base is None or base.job_id != order.base:
        raise OvertakenByEvents(
            f"The data source {job.data_source_name} has changed since: the load was made out of the version "
            f"{order.base}, which is not the one to be changed any more."
        )


def write_changes(
    services: Services, snapshot_id: str, base: Version, uploaded: EntityType, batches: Iterable[EntityBatch]
) -> WrittenChanges:
    """Write the entities of ``base`` with the changes in ``batches``, which are of the entity type ``uploaded``.

    The base stays as long as the job is pending. Raises InvalidSchema if ``uploaded`` is not its entity type, and what
    ``batches`` raises.
    """
    check_same(base.entity_type, uploaded)
    fitting = (_fit(batch, uploaded, base.entity_type) for batch in batches)
    return services.snapshots.write_changed(snapshot_id, base.snapshot_id, fitting)


def check_same(base: EntityType, uploaded: EntityType) -> None:
    """Raise InvalidSchema, with every difference, unless both are the same but for case and order of properties."""
    expected, found = _declarations(base), _declarations(uploaded)
    missing = [text for declaration, text in expected.items() if declaration not in found]
    added = [text for declaration, text in found.items() if declaration not in expected]
    differences = [
        *([] if base.name.lower() == uploaded.name.lower() else [f"entity type {uploaded.name}, not {base.name}"]),
        *([f"missing {_listed(missing)}"] if missing else []),
        *([f"unexpected {_listed(added)}"] if added else []),
    ]
    if differences:
        raise InvalidSchema(
            f"An incremental load must have the schema of the version that it changes; found: {'; '.join(differences)}."
        )


def _declarations(entity_type: EntityType) -> dict[_Declaration, str]:
    """Return what a schema declares, with the words for each as in a schema line."""
    return {
        (p.name.lower(), p.type, is_key): f"{p.name}({p.type}{',primaryKey' if is_key else ''})"
        for p in entity_type.properties
        for is_key in [p.name == entity_type.key_name]
    }


def _listed(texts: list[str]) -> str:
    return ", ".join(texts[:_MAX_LISTED]) + (f" and {len(texts) - _MAX_LISTED} more" if texts[_MAX_LISTED:] else "")


def _fit(batch: EntityBatch, uploaded: EntityType, base: EntityType) -> EntityBatch:
    """Return the same batch with the columns of the base: its order, its spelling."""
    positions = {p.name.lower(): position for position, p in enumerate(uploaded.properties)}
    columns = [batch.entities.column(positions[p.name.lower()]) for p in base.properties]
    entities = pa.RecordBatch.from_arrays(columns, schema=arrow_schema(base))
    return EntityBatch(entities, batch.rows, batch.row_count, batch.issues, batch.deletions)
