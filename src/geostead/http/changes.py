"""Changes of a data source: the URLs below ``/REST/v1/data`` that act (http-api.md, section 3)."""

from __future__ import annotations

from starlette.responses import Response

from geostead.http.authorize import check_given_key, key_of
from geostead.http.call import Call
from geostead.http.negotiation import output_of
from geostead.http.parameters import find, read_public, read_staging
from geostead.http.replies import deletion_accepted, job_accepted, job_status
from geostead.model.job import Job, JobKind
from geostead.operations.cancel_job import cancel_job
from geostead.operations.delete_data_source import delete_data_source
from geostead.operations.get_change import get_change
from geostead.operations.publish_staged import publish_staged
from geostead.operations.set_public import set_public

_KINDS = frozenset({JobKind.PUBLISH, JobKind.DELETE, JobKind.ACCESS})


def get_commit(call: Call) -> Response:
    """Accept the publishing of what is staged. The contract has it as a ``GET`` that acts."""
    key = key_of(call)
    output_of(call.parameters)  # a reply that cannot be given must be known before the job is accepted
    return job_accepted(call, publish_staged(call.services, key, call.path["access_id"], call.path["name"]), 202)


def get_update(call: Call) -> Response:
    """Make a data source public or private. The contract has it as a ``GET`` that acts."""
    key = key_of(call)
    output_of(call.parameters)
    is_public = read_public(call.parameters)
    done = set_public(call.services, key, call.path["access_id"], call.path["name"], is_public=is_public)
    return job_accepted(call, done)


def delete(call: Call) -> Response:
    """Accept the deletion of a data source, or only of its staged version."""
    key = key_of(call)
    output_of(call.parameters)  # it decides how an error would look, so it has to be one of its words
    staged_only = read_staging(call.parameters)
    access_id, name = call.path["access_id"], call.path["name"]
    return deletion_accepted(call, delete_data_source(call.services, key, access_id, name, staged_only=staged_only))


def get_status(call: Call) -> Response:
    """Tell where a change stands; a publish also to who knows its id and has no key (section 2)."""
    return job_status(call, _found(call))


def cancel(call: Call) -> Response:
    """Take back a publish or a delete; unlike the status of a publish that takes the master key."""
    key_of(call)  # which is more than some of their status takes
    output_of(call.parameters)
    return job_status(call, cancel_job(call.services, _found(call)))


def _found(call: Call) -> Job:
    check_given_key(call)
    return get_change(call.services, find(call.parameters, "key"), _KINDS, call.path["job_id"], call.page)
