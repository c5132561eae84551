"""The database: engines, tables, sessions and kept read connections, all bound to one store."""
