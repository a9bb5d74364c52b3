"""The error tree. It knows no HTTP; the doors give each leaf its status and envelope.

::

    GeosteadError
    ├── RequestError                 the caller can mend it
    │   ├── InvalidParameter         a parameter's value is not what it may be
    │   │   ├── InvalidFilter        … of ``$filter``, with a position
    │   │   └── InvalidSpatialFilter … of ``spatialFilter``, with a position
    │   ├── LimitExceeded            a number of the limits table
    │   │   ├── AccountFull          … of data sources or jobs
    │   │   └── UploadTooLarge       … of bytes in one upload
    │   ├── NotFound                 no such data source, entity, job, version
    │   │   └── NoSuchUrl            no such URL at all
    │   ├── MethodNotAllowed         the URL exists, the verb does not
    │   ├── TooManyAttempts          signing in failed so often that it is not tried now
    │   └── AccessDenied
    │       ├── NoCredentials        no key was given
    │       ├── InvalidCredentials   the key is unknown
    │       │   └── SignInRefused    … or somebody is not who they say
    │       ├── CredentialsExpired   the key is revoked or has expired
    │       └── NotAuthorized        a valid key without the right
    ├── LoadError                    the upload as a whole cannot become a version: the job aborts
    │   ├── UnreadableUpload         not the format, not the encoding, not an archive we open
    │   ├── InvalidSchema            the entity type cannot be one
    │   ├── LimitReached             too many entities, bytes, properties or points
    │   ├── NoValidEntities          nothing is left to publish
    │   ├── BadRow                   a row is bad, and the load is strict
    │   ├── GeocoderMissing          rows are to be looked up, and there is nobody to ask
    │   └── FetchFailed              the location of the upload does not give it
    ├── Unavailable                  try again later: catalog, store, router or geocoder did not answer
    │   └── DiskFull                 … for the operator to mend: a job aborts
    ├── OvertakenByEvents            what was ordered is not possible any more: the job aborts
    ├── SnapshotMissing              the files of a version are gone
    ├── SnapshotDamaged              the files of a version are not what was written
    ├── BackupDamaged                the files of a backup are not what was written
    └── LeaseLost                    another worker owns the job now

Anything else that is raised is a bug: it is logged with its trace id and shown as nothing but that id.
"""

from __future__ import annotations


class GeosteadError(Exception):
    """Base of every error that Geostead raises on purpose."""


class RequestError(GeosteadError):
    """A request that its sender can mend."""


class InvalidParameter(RequestError):
    """Say which parameter is wrong, what was found there and what was expected.

    ``position`` is the 1-based character within the value where reading stopped, or None.
    """

    def __init__(self, parameter: str, found: str, expected: str, *, position: int | None = None) -> None:
        self.parameter = parameter
        self.found = found
        self.expected = expected
        self.position = position
        super().__init__(f"{parameter}: {self.without_name}")

    @property
    def without_name(self) -> str:
        """The message without the parameter, for a place where it stands beside the value: 'found …; expected …'."""
        at = f" at position {self.position}" if self.position is not None else ""
        return f"found {_shown(self.found)}{at}; expected {self.expected}."


class InvalidFilter(InvalidParameter):
    """``$filter`` cannot be read, or does not fit the entity type."""


class InvalidSpatialFilter(InvalidParameter):
    """``spatialFilter`` cannot be read."""


class LimitExceeded(RequestError):
    """Name the limit that a request exceeds, the value found and the maximum."""

    def __init__(self, limit: str, value: int, maximum: int) -> None:
        self.limit = limit
        self.value = value
        self.maximum = maximum
        super().__init__(f"Limit exceeded: {limit} is {value:,}; the maximum is {maximum:,}.")


class AccountFull(LimitExceeded):
    """The account has as many data sources or jobs as it may have."""


class UploadTooLarge(LimitExceeded):
    """The body of a load is larger than the account may upload."""


class NotFound(RequestError):
    """What was asked for does not exist; the message says what."""


class NoSuchUrl(NotFound):
    """Nothing is served at this URL, whoever asks."""

    def __init__(self, path: str) -> None:
        super().__init__(f"There is nothing at {path}.")


class MethodNotAllowed(RequestError):
    """The URL exists, but not for this method."""

    def __init__(self, method: str, allowed: tuple[str, ...]) -> None:
        self.method = method
        self.allowed = allowed
        super().__init__(f"{method} is not possible here; expected {' or '.join(allowed)}.")


class TooManyAttempts(RequestError):
    """Signing in has failed so often that nobody looks at what was typed for ``retry_after_s`` seconds."""

    def __init__(self, retry_after_s: int) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(f"Too many attempts to sign in have failed. Try again in {-(-retry_after_s // 60)} minutes.")


class AccessDenied(RequestError):
    """The key that came with a request, or its absence, does not open what was asked for."""


class NoCredentials(AccessDenied):
    """No key was given."""

    def __init__(self) -> None:
        super().__init__("No key was given; expected the parameter key.")


class InvalidCredentials(AccessDenied):
    """The key is not known here."""

    def __init__(self) -> None:
        super().__init__("The key is not known here.")


class SignInRefused(InvalidCredentials):
    """Somebody cannot sign in with what they gave. The message tells nobody who is known here."""

    def __init__(self, reason: str = "This e-mail address and this password do not belong together here.") -> None:
        AccessDenied.__init__(self, reason)


class CredentialsExpired(AccessDenied):
    """The key was revoked or has expired."""

    def __init__(self) -> None:
        super().__init__("The key was revoked or has expired.")


class NotAuthorized(AccessDenied):
    """The key is valid, but not for this."""


class LoadError(GeosteadError):
    """An upload that as a whole cannot become a version. The message is for whoever made the file."""


class UnreadableUpload(LoadError):
    """The bytes are not of the announced format."""


class InvalidSchema(LoadError):
    """The properties that the upload declares cannot make an entity type."""


class LimitReached(LoadError):
    """The upload goes beyond a limit of the account."""

    def __init__(self, limit: str, value: int, maximum: int) -> None:
        self.limit = limit
        self.value = value
        self.maximum = maximum
        super().__init__(f"Limit exceeded: {limit} is {value:,}; the maximum is {maximum:,}.")


class NoValidEntities(LoadError):
    """Not one entity of the upload is valid."""


class BadRow(LoadError):
    """A row of the upload is bad, and whoever sent it wants all of them or none."""


class EngineMissing(LoadError):
    """The installation does not have (any more) what the entities of the data source are to be kept in."""

    def __init__(self, data_source_name: str, engine: str) -> None:
        super().__init__(
            f"The data source {data_source_name} is to be kept in {engine}, which this installation does not have (any "
            "more): its operator has to set it up again, or choose something else for the data source."
        )


class GeocoderMissing(LoadError):
    """The installation does not have (any more) what places and addresses are to be looked up with."""

    def __init__(self) -> None:
        super().__init__(
            "Places or addresses of rows are to be looked up, but this installation has no geocoder (any more): let "
            "its operator set one up, or load the file without looking up."
        )


class FetchFailed(LoadError):
    """The upload cannot be fetched from its location. The message repeats no query string: it may hold a signature."""


class OvertakenByEvents(GeosteadError):
    """What a job was asked to do is not possible any more when it runs. The message is for whoever ordered it."""


class Unavailable(GeosteadError):
    """A part of the installation does not answer right now; trying again later may help.

    The message is for the operator; where it may name addresses or the like, callers are given ``told`` instead.
    """

    def __init__(self, message: str, *, told: str | None = None) -> None:
        self.told = told or message
        super().__init__(message)


class Unfit(Unavailable):
    """A part answers, and cannot be used as it is set up: trying again does not help, its operator can."""


class DiskFull(Unavailable):
    """There is no room for what was to be written."""

    def __init__(self) -> None:
        super().__init__("The server's disk is full; try again when its operator has made room.")


class SnapshotMissing(GeosteadError):
    """The files of a version are not there (any more)."""


class SnapshotDamaged(GeosteadError):
    """The files of a version are not what was written."""


class BackupDamaged(GeosteadError):
    """The files of a backup are not what was written."""


class LeaseLost(GeosteadError):
    """The job that this worker runs has been given to another."""


def _shown(found: str) -> str:
    """Quote what was found, cut to a length that fits in a message, lone surrogates escaped: no encoder takes them."""
    found = found[:81].encode(errors="backslashreplace").decode()
    return f"'{found}'" if len(found) <= 80 else f"'{found[:77]}...'"
