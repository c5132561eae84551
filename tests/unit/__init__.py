"""Tests of the parts alone: no server, no database, no fixture of a conftest."""
