"""Commands as somebody types them, in this process."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner, Result

from geostead.cli.main import app

ACCESS_ID = "0123456789ABCDEF0123456789ABCDEF"


def run(data_dir: Path, *arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, [*arguments, "--data-dir", str(data_dir)], input=stdin)


def succeed(data_dir: Path, *arguments: str, stdin: str | None = None) -> str:
    result = run(data_dir, *arguments, stdin=stdin)
    assert result.exit_code == 0, result.output
    return result.stdout


def fail(data_dir: Path, *arguments: str, stdin: str | None = None) -> str:
    """Run a command that fails as it should: exit code 1, one line on stderr, nothing on stdout."""
    result = run(data_dir, *arguments, stdin=stdin)
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    assert result.stderr.startswith("geostead: ")
    assert result.stderr.count("\n") == 1, result.stderr
    return result.stderr
