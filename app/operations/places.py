"""What the processes of a node share beside the database: a folder, in which they count together."""

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that names it, as prometheus_client wants it to be called."""

DRAINING = "draining"
"""A file in it that is there once the processes are told to stop."""
