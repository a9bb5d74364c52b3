"""Backups: everything that an installation keeps, in a folder elsewhere."""
