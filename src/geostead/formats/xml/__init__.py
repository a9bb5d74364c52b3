"""XML data sets with inline schema (data-formats.md, section 3)."""
