"""Backups of a database that is being written to, and what is restored from them."""

import json
import os
import stat
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from app.db.engine import unguarded_engine
from app.db.migrate import current, downgrade, upgrade
from app.keeping import backup as backups
from app.moving.files import alone_with
from tests.databases import empty_database
from tests.keeping.planting import everything, found, patron, plant
from tests.server.commands import PATRON, environment
from tests.site import SECRET, Site

BOUGHT = {
    "customer_email": "buyer@example.com",
    "checkout_type": "guest",
    "items": [{"name": each, "price": 1, "quantity": 1} for each in ("one", "two", "three")],
}
WRITERS = 3


@pytest.fixture
def empty(engine_name: str, tmp_path: Path) -> Iterator[str]:
    with empty_database(engine_name, tmp_path) as url:
        yield url


def at(site: Site, url: str) -> Site:
    """The same site, as far as its tables are looked at, on another database."""
    return Site(site.app, site.engine, url, "", "", "", "", "", "")


def rows(site: Site) -> set[str]:
    return {json.dumps([table, row], default=str, sort_keys=True) for table, row in everything(site)}


@contextmanager
def writing(site: Site, ledger: list[int]) -> Iterator[None]:
    """Meanwhile guests check out; the ledger has the ids of purchases that were answered with 201."""
    over = threading.Event()

    def buy() -> None:
        while not over.is_set():
            made = site.send("POST", "/stores/66/transactions", BOUGHT)
            if made.status_code == 201:
                ledger.append(int(made.json["_links"]["self"]["href"].rpartition("/")[2]))
        site.app.extensions["patron"].reader.close()

    threads = [threading.Thread(target=buy) for _ in range(WRITERS)]
    for each in threads:
        each.start()
    try:
        yield
    finally:
        over.set()
        for each in threads:
            each.join()


def test_a_backup_under_load_has_all_that_was_acknowledged_before_and_nothing_half(
    site: Site, empty: str, tmp_path: Path
) -> None:
    """By another process, as an operator does it, while three clients write."""
    ledger: list[int] = []
    file = tmp_path / "backup"
    settings = environment(PATRON_DATABASE_URL=site.url)
    with writing(site, ledger):
        ends = time.monotonic() + 60
        while len(ledger) < 10:
            assert time.monotonic() < ends, "nobody can buy anything"
            time.sleep(0.01)
        before = list(ledger)
        done = subprocess.run(
            [PATRON, "backup", str(file)], env=settings, capture_output=True, text=True, check=False
        )
        during = len(ledger) - len(before)
    assert done.returncode == 0, done.stderr
    assert during > 0, "others have been writing meanwhile"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    said = patron(at(site, empty), "restore", str(file))
    assert said.returncode == 0, said.stderr
    assert said.stdout.startswith(done.stdout), "what is restored is what was backed up"
    restored: dict[str, list[Any]] = {}
    for table, row in everything(at(site, empty)):
        restored.setdefault(table, []).append(row)
    bought = {row["id"] for row in restored["transaction"] if row["store_id"] == 66}
    assert set(before) <= bought
    lines: dict[int, int] = {}
    for row in restored["item"]:
        if row["store_id"] == 66 and row["transaction_id"]:
            lines[row["transaction_id"]] = lines.get(row["transaction_id"], 0) + 1
    assert {lines.get(each) for each in bought & set(ledger)} == {3}
    tallied = {(row["store_id"], row["name"]): row["rows"] for row in restored["tally"]}
    assert tallied[66, "transaction"] == len(bought)


def test_a_backup_is_restored_as_it_was_and_never_over_what_is_there(
    site: Site, empty: str, tmp_path: Path
) -> None:
    file = tmp_path / "backup"
    assert patron(site, "backup", str(file)).returncode == 0
    before = rows(site)
    again = patron(site, "backup", str(file))
    assert (again.returncode, "is there already" in again.stderr) == (1, True)

    assert patron(at(site, empty), "restore", str(file)).returncode == 0
    assert rows(at(site, empty)) == before
    refused = patron(at(site, empty), "restore", str(file))
    assert refused.returncode == 1
    assert "is not empty" in refused.stderr
    engine = unguarded_engine(empty)
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM attribute")
    engine.dispose()
    assert patron(at(site, empty), "restore", str(file), "--force").returncode == 0
    assert rows(at(site, empty)) == before


def test_who_was_erased_since_is_erased_in_what_is_restored(site: Site, empty: str, tmp_path: Path) -> None:
    planted, other = plant(site), plant(site)
    file, lines = tmp_path / "backup", tmp_path / "erasures"
    assert patron(site, "backup", str(file)).returncode == 0
    assert planted.patron("erase", *planted.named, "--yes", "--cancel-subscriptions").returncode == 0
    later = plant(site, subscribed=False)  # not known to the backup, and its id is not handed out again
    assert later.patron("erase", *later.named, "--yes").returncode == 0
    lines.write_text(patron(site, "erasures").stdout)

    restored = at(site, empty)
    assert patron(restored, "restore", str(file)).returncode == 0
    assert found(restored, planted.canary), "without the list nobody can know"
    again = patron(restored, "restore", str(file), "--force", "--erasures", str(lines))
    assert again.returncode == 0, again.stderr
    assert found(restored, planted.canary) == {}
    assert set(lines.read_text().splitlines()) <= set(patron(restored, "erasures").stdout.splitlines())
    assert found(restored, other.canary)
    blocks = [row for table, row in everything(restored) if table == "id_block"]
    assert [row["next_id"] for row in blocks if (row["store_id"], row["kind"]) == (66, "customer")] > [
        later.id
    ]
    assert patron(restored, "restore", str(file), "--force").returncode == 0
    assert found(restored, planted.canary) == {}, "who was erased in what is replaced stays erased"


def test_a_backup_of_an_earlier_version_is_brought_to_this_one(
    site: Site, empty: str, tmp_path: Path
) -> None:
    upgrade(empty)
    downgrade(empty, "0011")
    file = tmp_path / "backup"
    assert patron(at(site, empty), "backup", str(file)).stdout.splitlines()[0].endswith("revision 0011")

    said = patron(at(site, empty), "restore", str(file), "--force")
    assert said.returncode == 0, said.stderr
    assert current(empty) == current(site.url)


def test_what_is_damaged_or_no_backup_is_refused_and_nothing_is_changed(
    site: Site, empty: str, tmp_path: Path
) -> None:
    file, cut, other = tmp_path / "backup", tmp_path / "cut", tmp_path / "other"
    assert patron(site, "backup", str(file)).returncode == 0
    content = bytearray(file.read_bytes())
    cut.write_bytes(bytes(content[: len(content) // 2]))
    other.write_text("something else")
    for each, why in ((cut, ""), (other, "no backup of Patron's")):
        refused = patron(at(site, empty), "restore", str(each))
        assert refused.returncode == 1
        assert why in refused.stderr
        assert len(refused.stderr.splitlines()) == 1
        assert "customer" not in {table for table, _ in everything(at(site, empty))}


def test_no_password_stands_in_the_arguments_of_a_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others see the arguments: a program of that name writes down what it is given."""
    program = tmp_path / "pg_dump"
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/arguments\nenv > {tmp_path}/variables\n')
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    url = "postgresql://me:s3cret@db.example:5433/shop?sslmode=require"
    backups.run_tool(url, ["pg_dump", "--format=custom"])

    assert (tmp_path / "arguments").read_text() == "--format=custom\n"
    said = {"PGHOST=db.example", "PGPORT=5433", "PGUSER=me", "PGPASSWORD=s3cret", "PGDATABASE=shop"}
    assert said | {"PGSSLMODE=require"} <= set((tmp_path / "variables").read_text().splitlines())


def test_no_backup_holds_the_secret_key(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    assert patron(site, "backup", str(file)).returncode == 0
    assert SECRET.encode() not in file.read_bytes()
    assert SECRET not in "".join(rows(site)) + str(os.listdir(tmp_path))


def test_two_backups_into_one_file_are_not_mixed(site: Site, tmp_path: Path) -> None:
    file, beside = tmp_path / "whole.backup", tmp_path / "whole.backup.partial"
    with alone_with(beside) as another:
        another.write(b"half of another")
        another.flush()
        refused = patron(site, "backup", str(file))
        assert beside.read_bytes() == b"half of another"

    assert (refused.returncode, refused.stderr) == (
        1,
        f"patron: {beside}: another command is writing it\n",
    )
    assert patron(site, "backup", str(file)).returncode == 0
    assert list(tmp_path.iterdir()) == [file]
