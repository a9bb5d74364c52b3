"""Propose how a file is read that a person wants to load."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from geostead.errors import NotFound
from geostead.formats.ordinary.file_kind import find_kind
from geostead.formats.ordinary.proposal import Sample, propose, take_sample
from geostead.model.access import Account
from geostead.model.job import InputFormat
from geostead.model.kept_upload import KeptUpload
from geostead.model.table_reading import TableForm, TableReading
from geostead.operations.services import Services


@dataclass(frozen=True, slots=True)
class OrdinaryFile:
    """A table that says nothing about types."""

    sample: Sample
    proposed: TableReading


KnownFile = InputFormat | OrdinaryFile
"""What a file is: of a format that says itself how it is read, or an ordinary table."""


def propose_reading(
    services: Services, account: Account, upload: KeptUpload, form: TableForm | None = None
) -> KnownFile:
    """Find out what a file is, and of a table how it may be read; ``form``: what is known of it already.

    Raises LoadError where it is nothing that can be loaded, NotFound where it is gone.
    """
    open_upload = partial(services.blobs.open, upload.blob)
    try:
        kind = form or find_kind(open_upload, account.limits)
        if isinstance(kind, InputFormat):
            return kind
        sample = take_sample(open_upload, account.limits, kind)
    except FileNotFoundError as error:
        raise NotFound("The file is gone: files wait for a day. Send it again.") from error
    return OrdinaryFile(sample, propose(sample, upload.file_name, can_look_up=services.geocoder is not None))
