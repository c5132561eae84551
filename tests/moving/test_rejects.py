"""Where rejects go: into a file that replaces nothing but an earlier one, or before one's eyes."""

from pathlib import Path

import pytest

from tests.moving.moved import empty_store, ndjson, rejects, typed
from tests.moving.people import customer
from tests.server.commands import run_alone
from tests.site import SECRET, Site

ON_ONE_ENGINE = True


@pytest.mark.parametrize("name", ["people.ndjson", "link.ndjson", "other.ndjson", "folder", "none/there"])
def test_no_file_is_lost_to_rejects(site: Site, tmp_path: Path, name: str) -> None:
    file = ndjson(tmp_path / "people.ndjson", [{"email": "none"}])
    other = ndjson(tmp_path / "other.ndjson", [{"email": "other"}])
    (tmp_path / "link.ndjson").symlink_to(file)
    (tmp_path / "folder").mkdir()
    before = file.read_bytes(), other.read_bytes()

    told = typed(site, "import", file, "--store", "67", "--rejects", tmp_path / name, code=1)

    assert told.stderr.startswith(f"patron: --rejects {tmp_path / name}: ")
    assert told.stderr.count("\n") == 1
    assert (file.read_bytes(), other.read_bytes()) == before
    assert (tmp_path / "link.ndjson").is_symlink()


def test_rejects_of_an_earlier_run_are_replaced_and_go_when_there_are_none(
    own_site: Site, tmp_path: Path
) -> None:
    store, file = str(empty_store(own_site)), tmp_path / "people.ndjson"
    path = file.with_name(f"{file.name}.rejects.ndjson")

    typed(own_site, "import", ndjson(file, [{"email": "none"}]), "--store", store, code=1)
    typed(own_site, "import", ndjson(file, [{"email": "nobody"}]), "--store", store, code=1)
    assert [each["document"]["email"] for each in rejects(file)] == ["nobody"]
    typed(own_site, "import", ndjson(file, [customer(1)]), "--store", store)

    assert not path.exists()


def test_a_row_that_was_none_is_to_be_mended_in_its_table(site: Site, tmp_path: Path) -> None:
    store, file = str(empty_store(site, "unmended")), tmp_path / "people.csv"
    file.write_text("email,first_name\nshort@x.example\n")
    typed(site, "import", file, "--store", store, code=1)
    again = file.with_name(f"{file.name}.rejects.ndjson")

    typed(site, "import", again, "--store", store, code=1)

    (told,) = rejects(again)
    assert told["document"] == "short@x.example"
    assert "mend it where it came from" in told["reasons"][""]


def test_what_comes_through_a_pipe_and_is_rejected_is_told(own_site: Site, tmp_path: Path) -> None:
    store, file = empty_store(own_site), ndjson(tmp_path / "people.ndjson", [{"email": "none"}] * 12)
    told = {"PATRON_DATABASE_URL": own_site.url, "PATRON_SECRET_KEY": SECRET}

    said = run_alone(tmp_path, "import", "-", "--store", str(store), standard_input=file.read_text(), **told)

    assert said.returncode == 1
    assert said.stderr.count(": email is not a valid email address.\n") == 10
    assert "line 1: " in said.stderr
    assert "and 2 more: --rejects FILE keeps all" in said.stderr
