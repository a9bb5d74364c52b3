"""Golden files: documents are compared byte by byte with what lies in ``golden/``.

After a wanted change: ``pytest tests/wire --regenerate-golden``, then read the diff.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--regenerate-golden", action="store_true", help="rewrite tests/wire/golden")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, bytes], None]:
    """Check a document against the golden file of that name."""

    def check(name: str, document: bytes) -> None:
        path = GOLDEN / name
        if request.config.getoption("--regenerate-golden", default=False):
            path.write_bytes(document)
        assert document == path.read_bytes()

    return check
