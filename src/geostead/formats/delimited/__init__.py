"""Delimited text: ``csv``, ``tab`` and ``pipe`` (data-formats.md, section 2)."""
