"""The door for HTTP requests."""
