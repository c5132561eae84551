"""The versions of the schema, in one line of descent."""
