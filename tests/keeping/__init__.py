"""The data is kept: exported, erased, backed up, purged, and carried from one version to the next."""
