"""The suite: laws of the wire, of the database and of the library."""
