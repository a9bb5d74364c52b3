"""Tell where a download stands, by its id or as the newest of a data source (http-api.md, section 3)."""

from __future__ import annotations

from geostead.errors import NotAuthorized, NotFound
from geostead.model.access import Key
from geostead.model.ids import is_hex_id
from geostead.model.job import Job, JobKind
from geostead.operations.get_job import check_may_see, may_see
from geostead.operations.services import Services


def get_download(services: Services, key: Key, id_or_name: str) -> Job:
    """Return the download job of that id, else the newest one of that data source name that ``key`` may see.

    The name is looked up in the account of the key, where it may have been the one of several data sources. Raises
    NotFound; NotAuthorized if there are such jobs and the key may see none of them.
    """
    by_id = services.catalog.get_job(id_or_name.lower()) if is_hex_id(id_or_name) else None
    if by_id is not None and by_id.kind is JobKind.DOWNLOAD:
        check_may_see(services, key, by_id)
        return by_id
    return _newest(services, key, id_or_name)


def _newest(services: Services, key: Key, name: str) -> Job:
    found = services.catalog.newest_downloads(key.account_id, name)
    if not found:
        raise NotFound(f"There is no download job with the id {name}, nor one of a data source of that name.")
    for job in found:
        if may_see(services, key, job):
            return job
    raise NotAuthorized(f"The key may not see the downloads of {name}; the master key is needed.")
