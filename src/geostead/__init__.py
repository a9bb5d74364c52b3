"""Geostead: places in data sources, queried over HTTP."""

__version__ = "0.1.0"
