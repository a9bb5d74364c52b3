"""Routes between two places: a port, and the engines behind it."""
