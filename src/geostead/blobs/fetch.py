"""Files elsewhere, fetched over http and https."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from geostead.errors import FetchFailed, InvalidParameter


class HttpFiles:
    """Implements :class:`geostead.blobs.base.RemoteFiles`."""

    def __init__(self, allowed_hosts: tuple[str, ...]) -> None:
        self._allowed_hosts = allowed_hosts

    def check(self, url: str) -> None:
        """Return if a file may be fetched from this URL. Raises InvalidParameter (``dataLocation``)."""
        if not self._allowed_hosts:
            raise InvalidParameter("dataLocation", url.partition("?")[0], "a URL on a host that the operator allows")

    @contextmanager
    def fetch(self, url: str) -> Iterator[Iterator[bytes]]:
        """Open the file and yield it piece by piece. Raises FetchFailed."""
        raise FetchFailed(f"{url.partition('?')[0]} cannot be fetched.")
        yield iter(())
