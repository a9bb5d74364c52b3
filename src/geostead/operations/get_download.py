"""Tell where a download stands, by its id or as the newest of a data source (http-api.md, section 3)."""

from __future__ import annotations

from geostead.errors import NotFound
from geostead.model.access import Key
from geostead.model.ids import is_hex_id
from geostead.model.job import Job, JobKind
from geostead.operations.get_job import check_may_see
from geostead.operations.services import Services


def get_download(services: Services, key: Key, id_or_name: str) -> Job:
    """Return the download job of that id, else the newest one of the account's data source of that name.

    Raises NotFound, NotAuthorized unless ``key`` is the master key.
    """
    job = _find(services, key, id_or_name)
    if job is None:
        raise NotFound(f"There is no download job with the id {id_or_name}, nor one of a data source of that name.")
    check_may_see(services, key, job)
    return job


def _find(services: Services, key: Key, id_or_name: str) -> Job | None:
    by_id = services.catalog.get_job(id_or_name.lower()) if is_hex_id(id_or_name) else None
    if by_id is not None and by_id.kind is JobKind.DOWNLOAD:
        return by_id
    return services.catalog.newest_download(key.account_id, id_or_name)
