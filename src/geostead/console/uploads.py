"""The wizard from a file to a data source: send it, correct how it is read, load it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import wraps
from urllib.parse import quote

from starlette.responses import Response

from geostead.console.faults import status_of
from geostead.console.own_data_source import JOB
from geostead.console.upload_form import Decided, Target, read_form, read_reading, read_target
from geostead.console.visit import Visit
from geostead.errors import GeosteadError, InvalidParameter, LoadError, NotFound, RequestError
from geostead.http.errors import message_of
from geostead.model.data_source import DATA_SOURCE_NAME
from geostead.model.kept_upload import KeptUpload
from geostead.model.table_reading import DELIMITERS, ENCODINGS, MAX_HEADER_ROWS, DayOrder, TableForm, TableReading, Use
from geostead.operations.find_load_targets import check_fits, find_load_targets
from geostead.operations.find_upload import drop_upload, find_upload
from geostead.operations.get_own_job import get_own_job
from geostead.operations.keep_upload import keep_upload
from geostead.operations.load_kept_upload import load_kept_upload
from geostead.operations.preview_upload import Preview, preview_table, preview_upload
from geostead.operations.propose_reading import KnownFile, OrdinaryFile, propose_reading
from geostead.operations.start_load import Upload

NEW = "/accounts/{account}/uploads/new"
ONE = "/accounts/{account}/uploads/{upload}"
ENDINGS = ".csv,.tsv,.tab,.txt,.pipe,.xlsx,.xlsb,.xls,.ods,.geojson,.json,.geojsonl,.parquet,.xml,.kml,.kmz,.zip,.gz"
"""Of files that can be loaded, for the browser's choice."""
SHOWN_CELLS = 10
"""Rows that are shown as they stand in the file where they cannot be shown as entities."""


def show_new(visit: Visit) -> Response:
    """Ask for a file."""
    return _ask_for_file(visit)


def receive(visit: Visit) -> Response:
    """Keep the file that is sent, and lead to how it is read."""
    assert visit.file is not None
    if not visit.file.file_name:
        raise InvalidParameter("file", "", "a file; none was chosen")
    upload = Upload(visit.file.chunks(), visit.file.least_bytes)
    kept = keep_upload(visit.services, visit.account, visit.person, visit.file.file_name, upload)
    url = visit.url(ONE, upload=kept.id)
    name = visit.text("data_source")
    if name:
        url += f"?data_source={quote(name, safe='')}"
    return visit.to_url(url)


def _unless_loaded(handler: Callable[[Visit], Response]) -> Callable[[Visit], Response]:
    """Where a file is gone because it was loaded, as a second click finds it, lead to its job."""

    @wraps(handler)
    def answer(visit: Visit) -> Response:
        try:
            return handler(visit)
        except NotFound as gone:
            try:
                job = get_own_job(visit.services, visit.account.id, visit.path["upload"])
            except NotFound:
                raise gone from None
            return visit.to(JOB, job=job.id)

    return answer


@_unless_loaded
def show(visit: Visit) -> Response:
    """Propose how a file is read."""
    upload = _upload_of(visit)
    try:
        file = propose_reading(visit.services, visit.account, upload)
    except LoadError as error:
        return _ask_for_file(visit, upload, error)
    target = Target(data_source=visit.query.get("data_source", "") or _name_after(upload, file))
    return _page(visit, upload, file, Decided(target, _proposed(file)))


@_unless_loaded
def act(visit: Visit) -> Response:
    """Show what the decisions come to, or load the file, or forget it."""
    upload = _upload_of(visit)
    if visit.text("action") == "discard":
        drop_upload(visit.services, upload)
        return visit.to(NEW)
    try:
        file, decided = _decided(visit, upload)
    except LoadError as error:
        if visit.is_live_part:
            return visit.page("upload_preview.html", preview=None, problem=str(error), cells=[], faults={})
        return _ask_for_file(visit, upload, error)
    if visit.text("action") == "load" and not decided.is_anew:
        return _load(visit, upload, file, decided)
    return _page(visit, upload, file, decided)


def _decided(visit: Visit, upload: KeptUpload) -> tuple[KnownFile, Decided]:
    """Return the file and what was decided about it. Where the table was another one, its columns are proposed anew."""
    known = _known_form(visit)
    form = None if known is None else read_form(visit, known)
    file = propose_reading(visit.services, visit.account, upload, form)
    if not isinstance(file, OrdinaryFile):
        return file, read_target(visit)
    if known is None or form != known:
        target = read_target(visit)
        return file, Decided(target.target, file.proposed, target.faults, is_anew=True)
    return file, read_reading(visit, file.proposed)


def _known_form(visit: Visit) -> TableForm | None:
    """Return how the table was written that the form is about; None if the form is about no table."""
    try:
        made = json.loads(visit.text("known_form") or "null")
        return None if made is None else TableForm.from_dict(made)
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def _load(visit: Visit, upload: KeptUpload, file: KnownFile, decided: Decided) -> Response:
    if decided.faults:
        return _page(visit, upload, file, decided, 422)
    read_as = decided.reading if decided.reading is not None else file
    assert not isinstance(read_as, OrdinaryFile)
    try:
        if isinstance(read_as, TableReading):
            read_as.entity_type()
        request = decided.target.request(read_as)
        job = load_kept_upload(visit.services, visit.account, visit.person, upload, request, decided.target.key)
    except LoadError:
        return _page(visit, upload, file, decided, 422)
    except NotFound:
        raise
    except RequestError as error:
        return _page(visit, upload, file, decided, status_of(error), error)
    return visit.to(JOB, job=job.id)


@dataclass(frozen=True, slots=True)
class _Choices:
    """What the lists of the form offer."""

    uses: tuple[Use, ...] = tuple(Use)
    day_orders: tuple[DayOrder, ...] = tuple(DayOrder)
    encodings: tuple[str, ...] = ENCODINGS
    delimiters: tuple[str, ...] = DELIMITERS
    max_header_rows: int = MAX_HEADER_ROWS


def _page(
    visit: Visit,
    upload: KeptUpload,
    file: KnownFile,
    decided: Decided,
    status: int = 200,
    error: RequestError | None = None,
) -> Response:
    preview, problem = _preview(visit, upload, file, decided)
    sample = file.sample if isinstance(file, OrdinaryFile) else None
    return visit.page(
        "upload.html",
        status,
        upload=upload,
        format=None if isinstance(file, OrdinaryFile) else file,
        sample=sample,
        known_form=None if sample is None else json.dumps(asdict(sample.form)),
        decided=decided,
        faults={name: visit._(text) for name, text in decided.faults.items()},
        choices=_Choices(),
        preview=preview,
        problem="" if problem is None else str(problem),
        cells=[] if preview is not None or sample is None else sample.first_rows(SHOWN_CELLS),
        error="" if error is None else message_of(error, visit.trace_id),
        targets=find_load_targets(visit.services, visit.account),
        can_look_up=visit.services.geocoder is not None,
    )


def _preview(
    visit: Visit, upload: KeptUpload, file: KnownFile, decided: Decided
) -> tuple[Preview | None, GeosteadError | None]:
    """Return the first rows as they would be loaded, and what stands against loading them at all."""
    preview = None
    try:
        preview = _first_rows(visit, upload, file, decided.reading)
        target = decided.target
        check_fits(visit.services, visit.account, target.data_source, target.operation, preview.entity_type)
    except LoadError as error:
        return preview, error
    return preview, None


def _first_rows(visit: Visit, upload: KeptUpload, file: KnownFile, reading: TableReading | None) -> Preview:
    if isinstance(file, OrdinaryFile):
        assert reading is not None
        return preview_table(file.sample, reading, visit.account.limits)
    return preview_upload(visit.services, visit.account, upload, file)


def _ask_for_file(visit: Visit, upload: KeptUpload | None = None, error: LoadError | None = None) -> Response:
    """Ask for a file, or for another one where this one cannot be read."""
    return visit.page(
        "upload_new.html",
        200 if error is None else 422,
        upload=upload,
        error="" if error is None else str(error),
        endings=ENDINGS,
        max_bytes=visit.account.limits.upload_bytes,
        data_source=visit.query.get("data_source", ""),
    )


def _upload_of(visit: Visit) -> KeptUpload:
    return find_upload(visit.services, visit.account.id, visit.path["upload"])


def _proposed(file: KnownFile) -> TableReading | None:
    return file.proposed if isinstance(file, OrdinaryFile) else None


def _name_after(upload: KeptUpload, file: KnownFile) -> str:
    """Return a name for a data source after the file; '' where that makes none."""
    name = file.proposed.entity_type_name if isinstance(file, OrdinaryFile) else upload.file_name.split(".")[0]
    name = name.replace("_", "-").strip("-")
    return name if DATA_SOURCE_NAME.match(name) else ""
