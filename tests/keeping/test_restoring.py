"""Restoring is all or nothing: what is there goes when all that a backup goes through has succeeded."""

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from app.db.engine import unguarded_engine
from app.db.migrate import upgrade
from app.keeping import backup as backups
from app.keeping.staging import tables_of
from tests.databases import empty_database
from tests.keeping.planting import patron
from tests.keeping.test_backups import at, rows
from tests.site import Site

WRONG = "a wrong secret key, which is as long as any other one"


def run(url: str, *statements: str) -> None:
    engine = unguarded_engine(url)
    with engine.begin() as connection:
        for each in statements:
            connection.execute(text(each))
    engine.dispose()


def of_somebody_else(engine: str, folder: Path) -> Path:
    """A backup of a database that was never Patron's."""
    file = folder / "foreign"
    if engine == "sqlite":
        with closing(sqlite3.connect(file)) as made:
            made.execute("CREATE TABLE theirs (id INTEGER)")
        return file
    with empty_database(engine, folder) as url:
        run(url, "CREATE TABLE theirs (id INTEGER)")
        backups.run_tool(url, ["pg_dump", "--format=custom", f"--file={file}"])
    return file


def test_what_cannot_be_restored_replaces_nothing(site: Site, database_url: str, tmp_path: Path) -> None:
    """A backup of something else, one of a newer version, and one of which the end is missing."""
    here = at(site, database_url)
    whole, newer, cut = (tmp_path / each for each in ("whole", "newer", "cut"))
    assert patron(site, "backup", str(whole)).returncode == 0
    assert patron(here, "restore", str(whole)).returncode == 0
    run(database_url, "UPDATE alembic_version SET version_num = '9999'")
    assert patron(here, "backup", str(newer)).returncode == 0
    assert patron(here, "restore", str(whole), "--force").returncode == 0
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 9 // 10])
    foreign = of_somebody_else(site.engine.dialect.name, tmp_path)
    before = rows(here)
    for file, why in ((foreign, "no backup of Patron's"), (newer, "newer than this version"), (cut, "")):
        refused = patron(here, "restore", str(file), "--force")
        assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1), refused.stderr
        assert why in refused.stderr
        assert rows(here) == before


def test_a_restore_that_fails_at_its_end_changes_nothing(
    site: Site, database_url: str, tmp_path: Path
) -> None:
    """With a key that cannot read what is stored of those to be erased, nobody knows what tells of them."""
    here = at(site, database_url)
    file, lines = tmp_path / "backup", tmp_path / "erasures"
    guest = {"email": "guest@example.com", "is_anonymous": True}
    kept = site.send("POST", "/stores/66/customers", guest, Idempotency_Key=f"kept-{tmp_path.name}")
    assert kept.status_code == 201
    assert patron(site, "backup", str(file)).returncode == 0
    lines.write_text("66\t987654\t1790000000\n")
    asked = ("restore", str(file), "--erasures", str(lines), "--force")
    upgrade(database_url)
    before = rows(here)
    refused = patron(here, *asked, PATRON_SECRET_KEY=WRONG)

    assert refused.returncode == 1
    assert "none of the keys can read: " in refused.stderr
    assert rows(here) == before
    assert patron(here, *asked, "--forget-unreadable", PATRON_SECRET_KEY=WRONG).returncode == 0
    assert patron(here, *asked).returncode == 0


def test_a_database_that_others_use_is_not_replaced(site: Site, database_url: str, tmp_path: Path) -> None:
    here, file = at(site, database_url), tmp_path / "backup"
    assert patron(site, "backup", str(file)).returncode == 0
    upgrade(database_url)
    other = unguarded_engine(database_url)
    with other.connect() as connection:
        connection.execute(text("SELECT count(*) FROM store"))
    refused = patron(here, "restore", str(file), "--force")
    before = rows(here)

    assert refused.returncode == 1
    assert "others use the database" in refused.stderr
    assert before != rows(site)
    assert patron(here, "restore", str(file), "--force", "--even-in-use").returncode == 0
    assert rows(here) == rows(site)
    other.dispose()
    assert patron(here, "restore", str(file), "--force").returncode == 0


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_what_a_restore_that_was_cut_off_put_aside_is_there_again(
    site: Site, database_url: str, tmp_path: Path
) -> None:
    here, file = at(site, database_url), tmp_path / "backup"
    assert patron(site, "backup", str(file)).returncode == 0
    assert patron(here, "restore", str(file)).returncode == 0
    run(database_url, "CREATE SCHEMA patron_replaced", "ALTER TABLE store SET SCHEMA patron_replaced")
    run(
        database_url,
        *(f'ALTER TABLE "{each}" SET SCHEMA patron_replaced' for each in tables_of(database_url)),
    )
    run(database_url, "CREATE TABLE store (half integer)")

    refused = patron(here, "restore", str(file))
    assert "is not empty" in refused.stderr
    assert rows(here) == rows(site)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_sqlites_files_are_their_owners_alone_and_nothing_is_left_beside_them(
    site: Site, tmp_path: Path
) -> None:
    kept, folder = tmp_path / "kept", tmp_path / "data"
    for each in (kept, folder):
        each.mkdir()
    file, damaged = kept / "backup", kept / "damaged"
    assert patron(site, "backup", str(file)).returncode == 0
    damaged.write_bytes(file.read_bytes()[:20_000])
    assert file.read_bytes()[18:20] == b"\1\1", "who opens it needs no log of SQLite's, and no right to write"
    target = folder / "patron.sqlite3"
    here = at(site, f"sqlite:///{target}")
    assert patron(here, "restore", str(damaged)).returncode == 1
    assert list(folder.iterdir()) == []

    assert patron(here, "restore", str(file)).returncode == 0
    assert rows(here) == rows(site)
    assert {each.name for each in kept.iterdir()} == {"backup", "damaged"}
    upgrade(f"sqlite:///{folder / 'new.sqlite3'}")
    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()}
    assert modes == dict.fromkeys(modes, 0o600)
    assert modes.keys() >= {"patron.sqlite3", "new.sqlite3"}


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe1\x00\t\x00",
        b"1\t99999999999\t0\n",
        b"1\t0\t0\n",
        b"1\t-5\t0\n",
        b"0\t5\t0\n",
        b"1\t5\t" + b"9" * 30,
    ],
)
def test_a_list_of_erasures_that_is_none_restores_nothing(
    site: Site, database_url: str, tmp_path: Path, content: bytes
) -> None:
    whole, erasures = tmp_path / "whole", tmp_path / "erasures.tsv"
    erasures.write_bytes(content)
    assert patron(site, "backup", str(whole)).returncode == 0

    refused = patron(at(site, database_url), "restore", str(whole), "--erasures", str(erasures))

    assert (refused.returncode, refused.stderr) == (
        1,
        "patron: line 1 of the list of erasures is none of ours\n",
    )
    assert tables_of(database_url) == []
