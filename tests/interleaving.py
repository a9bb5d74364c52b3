"""Let something happen in the middle of an operation, on the thread that runs it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from geostead.operations.services import Services


def meanwhile(
    services: Services, monkeypatch: pytest.MonkeyPatch, moment: str, happens: Callable[[], object], *, after: bool
) -> None:
    """Let something happen once, right before or after a room is asked for something.

    ``moment`` is the room and its method: ``catalog.used_blobs``.
    """
    room, step = moment.split(".")
    original = getattr(getattr(services, room), step)

    def interrupted(*arguments: object) -> object:
        monkeypatch.undo()
        if not after:
            happens()
        result = original(*arguments)
        if step in ("unused", "ids"):
            result = list(result)
        if after:
            happens()
        return result

    monkeypatch.setattr(getattr(services, room), step, interrupted, raising=True)
