"""Reads ordinary tables, which say nothing about types, as :class:`geostead.model.table_reading.TableReading` says."""
