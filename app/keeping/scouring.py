"""What a database engine leaves behind of what was deleted, and how it is made to forget that too."""

import time

from sqlalchemy import Engine

from app.db.engine import unguarded_engine

SECONDS = 10.0
"""For how long readers are waited for who still need what is in SQLite's log."""


def scour(engine: Engine, *, vacuum: bool) -> bool:
    """Empties SQLite's write-ahead log; with `vacuum`, writes all of the database anew, free space left out.

    SQLite overwrites what it deletes (`secure_delete`), so the log is where it would be found. PostgreSQL
    overwrites it when it vacuums, which it does by itself in time.

    :returns: False where somebody has been reading all the while, so that the log could not be emptied.
    """
    own = unguarded_engine(engine.url.render_as_string(hide_password=False))
    try:
        with own.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            cursor = connection.connection.cursor()
            if vacuum:
                cursor.execute("VACUUM")
            if own.dialect.name != "sqlite":
                return True
            ends = time.monotonic() + SECONDS
            while True:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                if (found := cursor.fetchone()) and not found[0]:
                    return True
                if time.monotonic() > ends:
                    return False
                time.sleep(0.1)
    finally:
        own.dispose()
