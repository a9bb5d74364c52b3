"""``geostead`` and ``python -m geostead``.

Processes that the command line starts import this module again, so what it needs is imported when it is needed.
"""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    from geostead.cli.main import main as run_command_line

    run_command_line()


if __name__ == "__main__":
    main()
