"""The Python client of the HTTP API: typed, synchronous, and without anything else of Geostead.

::

    from geostead.client import Geostead, upload_format

    with Geostead("http://127.0.0.1:8080", key) as geostead:
        geostead.wait(geostead.load("Shops", "shops.txt", input=upload_format("shops.txt")))
        for shop in geostead.query("Shops", spatial_filter="nearby(53.55,9.99,5)", filter="Seats gt 20"):
            print(shop.id, shop["Name"], shop.distance_km)
"""

from geostead.client.entities import Entity, Value
from geostead.client.errors import (
    AccessDenied,
    BadRequest,
    ClientError,
    JobAborted,
    JobUnfinished,
    LimitExceeded,
    NoReply,
    NotFound,
    NotInstalled,
    Refused,
    ServerFailed,
    UnexpectedReply,
    UnknownFormat,
)
from geostead.client.geography import Geography
from geostead.client.geostead import Geostead, LoadOperation, LoadOptions
from geostead.client.query import Entities, QueryOptions
from geostead.client.retries import Retries
from geostead.client.uploads import DownloadFormat, Upload, UploadFormat, download_format, upload_format
from geostead.client.values import (
    DataSource,
    DataSourceDescription,
    Job,
    JobKind,
    JobStatus,
    Property,
    PropertyType,
    RowIssue,
    Version,
)

__all__ = [
    "AccessDenied",
    "BadRequest",
    "ClientError",
    "DataSource",
    "DataSourceDescription",
    "DownloadFormat",
    "Entities",
    "Entity",
    "Geography",
    "Geostead",
    "Job",
    "JobAborted",
    "JobKind",
    "JobStatus",
    "JobUnfinished",
    "LimitExceeded",
    "LoadOperation",
    "LoadOptions",
    "NoReply",
    "NotFound",
    "NotInstalled",
    "Property",
    "PropertyType",
    "QueryOptions",
    "Refused",
    "Retries",
    "RowIssue",
    "ServerFailed",
    "UnexpectedReply",
    "UnknownFormat",
    "Upload",
    "UploadFormat",
    "Value",
    "Version",
    "download_format",
    "upload_format",
]
