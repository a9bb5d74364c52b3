"""Uploads, downloads and error logs, as bytes."""
