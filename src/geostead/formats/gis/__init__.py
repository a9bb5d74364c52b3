"""What the formats of geographic programs share: names and types that nobody checked, geometries, foreign libraries."""
