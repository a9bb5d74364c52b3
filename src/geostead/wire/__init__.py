"""Documents: from values to the bytes that clients read."""
