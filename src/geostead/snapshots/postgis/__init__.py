"""Entities of versions in tables of PostgreSQL with PostGIS: a second engine behind the port of snapshots."""
