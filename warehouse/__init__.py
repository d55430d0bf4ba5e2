"""The archive: raw store, staging, append, views, snapshots. SQL first."""
