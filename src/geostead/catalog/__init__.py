"""What exists and where it stands: accounts, keys, data sources, versions, jobs."""
