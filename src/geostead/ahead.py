"""Work ahead on threads: for what releases the interpreter's lock, like Arrow, numpy, compression and the disk."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

THREADS = min(4, os.cpu_count() or 1)
"""How many threads are worth having."""


def map_ahead(threads: Executor, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Return ``function`` of each item, in order, computed on threads.

    Unlike :meth:`Executor.map` it takes items only as results are taken, a few ahead, so that memory stays bounded.
    Raises what ``items`` and ``function`` raise, when its turn comes.
    """
    ahead: deque[Future[Result]] = deque()
    for item in items:
        ahead.append(threads.submit(function, item))
        if len(ahead) > THREADS + 1:
            yield ahead.popleft().result()
    while ahead:
        yield ahead.popleft().result()
