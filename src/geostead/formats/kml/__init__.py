"""KML and KMZ (data-formats.md, section 4)."""
