"""Make an installation ready before processes open it, however late its database comes up."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable
from types import FrameType

from geostead.errors import Unavailable, Unfit
from geostead.settings import Settings
from geostead.wiring.installation import owned_services, prepared_services
from geostead.wiring.stores import check_entities, check_store, tidy_cache

PATIENCE_S = 120.0
"""How long ``serve`` and ``worker`` wait for a database server or a store that is not up yet: Compose and Kubernetes
start everything at once, and a database that is new, or recovers from a crash, needs a minute."""
PAUSE_S = 1.0

_log = logging.getLogger(__name__)


def prepare_installation(settings: Settings) -> None:
    """Create the data folder, migrate the catalog where that is due, try out the object store, claim where files go.

    Clears up what killed processes left in the cache of the node.

    Waits for a database server and a store that do not answer, and says so in the log; a file is there or it is not.
    Raises Unavailable with the last reason after :data:`PATIENCE_S` each; Unfit, and PlaceOfAnother where files
    would go to a place of another installation, at once. SIGTERM ends the process meanwhile.
    """
    signal.signal(signal.SIGTERM, _end)  # the first process of a container ignores it otherwise
    patience_s = 0.0 if settings.catalog_url.startswith("sqlite") else PATIENCE_S
    until_answered(lambda: _migrate(settings), patience_s)
    until_answered(lambda: check_store(settings), PATIENCE_S)
    until_answered(lambda: check_entities(settings), PATIENCE_S)
    until_answered(lambda: _own_places(settings), PATIENCE_S)
    tidy_cache(settings)


def until_answered(
    ask: Callable[[], None],
    patience_s: float,
    *,
    monotonic_s: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Call ``ask`` until it raises Unavailable no more; raise that after ``patience_s``."""
    until_s = monotonic_s() + patience_s
    while True:
        try:
            return ask()
        except Unavailable as error:
            if monotonic_s() >= until_s or isinstance(error, Unfit):
                raise
            _log.warning("Waiting for what the installation stands on.", extra={"reason": str(error)})
        pause(PAUSE_S)


def _migrate(settings: Settings) -> None:
    with prepared_services(settings):
        pass


def _own_places(settings: Settings) -> None:
    with owned_services(settings):
        pass


def _end(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)
