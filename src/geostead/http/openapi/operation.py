"""One operation of the API: a method at a path."""

from __future__ import annotations

from dataclasses import dataclass

from geostead.http.openapi.faults import Family, faults
from geostead.http.openapi.nodes import Node
from geostead.http.openapi.parameters import used

KEY: tuple[Node, ...] = ({"key": []},)
KEY_OR_NONE: tuple[Node, ...] = ({"key": []}, {})
NO_KEY: tuple[Node, ...] = ()
CANCELLING = (
    "Takes the master key and the id of a pending job, running or not: it ends `Aborted`, with `cancelled` as its "
    "`errorMessage`. 400 for a job that has ended."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What can be done at a URL, and what comes of it."""

    path: str
    id: str
    tag: str
    summary: str
    description: str = ""
    parameters: tuple[str, ...] = ()
    """Components, those of the path first."""
    replies: Node
    """Replies that are no errors, by status."""
    family: Family
    faults: tuple[int, ...] = ()
    """Statuses of errors."""
    security: tuple[Node, ...] = KEY
    body: Node | None = None
    method: str = "GET"
    has_head: bool = False
    """Whether ``HEAD`` answers the same without its body: a ``GET`` that only reads."""

    def node(self) -> Node:
        """Return the operation as it stands in the document."""
        body = {} if self.body is None else {"requestBody": self.body}
        return {
            "operationId": self.id,
            "tags": [self.tag],
            "summary": self.summary,
            **({"description": self.description} if self.description else {}),
            "parameters": used(*self.parameters),
            **body,
            "responses": {**self.replies, **faults(self.family, self.faults)},
            "security": list(self.security),
        }

    def head(self) -> Node:
        """Return the same operation with the method ``HEAD``."""
        responses = {**self.replies, **faults(self.family, self.faults)}
        return {
            "operationId": f"{self.id}Head",
            "tags": ["HEAD"],
            "summary": f"{self.summary}: headers only",
            "parameters": used(*self.parameters),
            "responses": {status: {"description": "The headers of the reply to `GET`."} for status in responses},
            "security": list(self.security),
        }
