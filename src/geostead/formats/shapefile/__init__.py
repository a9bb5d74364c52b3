"""Shapefiles in a ZIP (data-formats.md, section 5)."""
