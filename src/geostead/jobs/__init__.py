"""The door for queued work: workers, leases, handlers."""
