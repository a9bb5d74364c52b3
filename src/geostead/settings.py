"""The settings of one installation, read once at the start from ``GEOSTEAD_*`` variables and an optional TOML file."""
