"""Every URL that stands in a reply, in the one spelling that we emit (http-api.md, sections 3 and 4.1)."""

from __future__ import annotations

from dataclasses import dataclass

from geostead.model.job import Job, JobKind
from geostead.wire.branding import LOGO_PATH
from geostead.wire.escapes import url_segment

_JOB_PATHS = {
    JobKind.LOAD: "Dataflows/LoadDataSource/{id}",
    JobKind.DOWNLOAD: "Dataflows/DataSourceDownload/{id}",
    JobKind.ROLLBACK: "Dataflows/DataSourceRollback/{id}",
    JobKind.PUBLISH: "data/jobs/{id}/$getstatus",
    JobKind.DELETE: "data/jobs/{id}/$getstatus",
    JobKind.ACCESS: "data/jobs/{id}/$getstatus",
}


@dataclass(frozen=True, slots=True)
class Links:
    """URLs below a base URL. They are absolute and have no query string: clients append their own (C22)."""

    base_url: str
    """Scheme and host, and a path if the service is mounted below one; no slash at the end."""

    @property
    def logo(self) -> str:
        """The image of ``brandLogoUri``."""
        return self.base_url + LOGO_PATH

    def data_source(self, access_id: str, name: str) -> str:
        """The base URL of a data source, without entity type."""
        return f"{self.base_url}/REST/v1/data/{access_id}/{url_segment(name)}"

    def entity_set(self, access_id: str, name: str, entity_type_name: str) -> str:
        """The URL that a data source is queried at."""
        return f"{self.data_source(access_id, name)}/{url_segment(entity_type_name)}"

    def job(self, job: Job) -> str:
        """The URL of a job's status."""
        return f"{self.base_url}/REST/v1/{_JOB_PATHS[job.kind].format(id=job.id)}"

    def output_succeeded(self, job: Job) -> str:
        """The URL of what a download wrote."""
        return f"{self.job(job)}/output/succeeded"

    def output_failed(self, job: Job) -> str:
        """The URL of the error log of a job whose own URL is below ``/Dataflows``."""
        return f"{self.job(job)}/output/failed"
