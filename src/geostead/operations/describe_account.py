"""Describe an account: what it may have, and what it has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from geostead.model.access import Account, Key
from geostead.model.data_source import DataSourceVersions
from geostead.model.job import JobStatus
from geostead.operations.find_account import find_account
from geostead.operations.services import Services

_DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class AccountDescription:
    """An account and all that belongs to it. Downloads are not counted, as in the limits."""

    account: Account
    keys: tuple[Key, ...]
    """Oldest first, revoked and expired ones included."""
    data_sources: tuple[DataSourceVersions, ...]
    """By name, reserved ones included."""
    jobs_in_process: int
    jobs_of_last_day: int

    @property
    def usage(self) -> dict[str, int]:
        """How much the account has of what is limited, by the name of the limit."""
        return {
            "jobs_in_process": self.jobs_in_process,
            "jobs_per_day": self.jobs_of_last_day,
            "data_sources": len(self.data_sources),
        }

    def key_name(self, key_id: str | None) -> str | None:
        """Return the name of a key of the account; None for None."""
        return next((key.name for key in self.keys if key.id == key_id), None)

    def mastered_by(self, key: Key) -> list[str]:
        """Return the names of the data sources of which a key is the master key."""
        return [found.data_source.name for found in self.data_sources if found.data_source.master_key_id == key.id]


def describe_account(services: Services, name: str) -> AccountDescription:
    """Return what there is to say about the account of that name, as of now. Raises NotFound."""
    account = find_account(services, name)
    since = services.now() - _DAY
    jobs = services.catalog.list_jobs(account.id, since)
    return AccountDescription(
        account,
        tuple(services.catalog.list_keys(account.id)),
        tuple(services.catalog.list_every(account.id)),
        jobs_in_process=sum(job.status is JobStatus.PENDING for job in jobs),
        jobs_of_last_day=sum(job.created_at > since for job in jobs),
    )
