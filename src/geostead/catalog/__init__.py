"""What exists and where it stands: accounts, keys, data sources, versions, jobs."""

from geostead.catalog.sql_catalog import SqlCatalog

__all__ = ["SqlCatalog"]
