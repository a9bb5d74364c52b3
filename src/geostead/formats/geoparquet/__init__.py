"""GeoParquet, and Parquet with coordinates."""
