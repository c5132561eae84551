"""Keeping the data: what is held on a person, its erasure, backups, purging, other secret keys."""
