"""Objects in an object store (S3, Azure Blob Storage, Google Cloud Storage): what blobs and snapshots are kept as."""
