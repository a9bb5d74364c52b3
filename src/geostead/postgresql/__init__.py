"""Connections to PostgreSQL as all parts want them: no password in any message, no wait without an end."""
