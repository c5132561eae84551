"""A whole store is copied out of another server, by its links or from its OData service."""
