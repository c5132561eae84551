"""Commands that cannot do what they are told say why in one line, and do nothing by half."""

from pathlib import Path

import pytest
from sqlalchemy import select

from app.resources.customer import Customer
from app.writing import attempts
from tests.faults.disks import small_disk
from tests.moving.moved import typed
from tests.site import Site

NO_ID = ["0", "-1", "99999999999", "99999999999999999999", "one"]


@pytest.mark.parametrize("number", NO_ID)
@pytest.mark.parametrize(
    "command",
    [
        ("import", "people.ndjson", "--store"),
        ("export", "--store"),
        ("export", "--customer", "1", "--store"),
        ("erase", "--customer", "1", "--yes", "--store"),
        ("pull", "http://127.0.0.1:1/", "--store"),
        ("user", "create", "--store"),
        ("store", "create", "--user"),
    ],
)
def test_what_no_row_can_be_called_is_refused_before_a_database_is_asked(
    site: Site, command: tuple[str, ...], number: str
) -> None:
    told = typed(site, *command, number, code=2)
    assert f"Invalid value for '{command[-1]}': " in told.stderr


def test_a_database_that_others_keep_busy_is_told_of_in_a_line(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "PATIENCE", 0.0)
    held = select(Customer.email).where(Customer.store_id == 67).limit(1).with_for_update()
    with site.engine.begin() as connection:
        email = connection.execute(held).scalar_one()
        told = typed(site, "erase", "--store", "67", "--customer", email, "--yes", code=1)

    assert told.stderr.startswith("patron: ")
    assert told.stderr.count("\n") == 1


def test_a_backup_onto_a_full_disk_is_told_of_in_a_line_and_leaves_nothing(site: Site) -> None:
    with small_disk(128 * 1024) as disk:
        disk.fill(leaving=64 * 1024)
        told = typed(site, "backup", disk.folder / "whole.backup", code=1)
        assert [each.name for each in disk.folder.iterdir()] == [disk.ballast.name]
    assert told.stderr.startswith("patron: ")
    assert told.stderr.count("\n") == 1


@pytest.mark.parametrize("nobody", ["", " ", "@"])
def test_who_names_nobody_erases_nobody(own_site: Site, tmp_path: Path, nobody: str) -> None:
    blank = tmp_path / "blank.ndjson"
    blank.write_text('{"email": "@", "first_name": "Kim"}\n')
    typed(own_site, "import", blank, "--store", "67", "--trusted")

    told = typed(own_site, "erase", "--store", "67", "--customer", nobody, "--yes", code=1)

    assert "does not exist in store 67" in told.stderr
