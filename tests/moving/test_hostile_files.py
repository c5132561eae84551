"""Files that are broken or mean harm: what is wrong is said in a line, and what is right is loaded."""

import gzip
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from app.db.ids import LARGEST
from app.moving.files import alone_with
from tests.moving.moved import counts, empty_store, ndjson, rejects, typed
from tests.moving.people import customer
from tests.site import Site

ON_ONE_ENGINE = True


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def scrambled(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + b"\xff" * 40 + content[middle + 40 :]


def another_sum(content: bytes) -> bytes:
    return content[:-6] + bytes([content[-6] ^ 0xFF]) + content[-5:]


@pytest.mark.parametrize("spoil", [cut, scrambled, another_sum, lambda content: content + b"more"])
def test_a_file_that_is_badly_compressed_is_told_of_in_a_line(
    site: Site, tmp_path: Path, spoil: Callable[[bytes], bytes]
) -> None:
    plain = ndjson(tmp_path / "people.ndjson", map(customer, range(1, 200)))
    file = tmp_path / "people.ndjson.gz"
    file.write_bytes(spoil(gzip.compress(plain.read_bytes())))

    told = typed(site, "import", file, "--store", "67", "--dry-run", code=1)

    assert told.stderr.startswith("patron: the file is broken behind line ")
    assert told.stderr.count("\n") == 1


def test_what_is_nested_however_deep_costs_nobody_else(own_site: Site, tmp_path: Path) -> None:
    store, file = empty_store(own_site), tmp_path / "people.ndjson"
    deep = [
        '{"email":"deep@x.example","unknown":' + "[" * deep + "]" * deep + "}" for deep in (200, 900, 2000)
    ]
    file.write_text("\n".join(['{"email":"first@x.example"}', *deep, '{"email":"last@x.example"}']))

    said = typed(own_site, "import", file, "--store", str(store), code=1)

    assert said.stdout.startswith("2 created, 3 rejected in ")
    assert [each["line"] for each in rejects(file)] == [2, 3, 4]


def test_a_row_with_the_largest_id_leaves_ids_to_those_without(own_site: Site, tmp_path: Path) -> None:
    store, file = empty_store(own_site), tmp_path / "people.ndjson"
    people = [{"email": "largest@x.example", "id": LARGEST}, {"email": "next@x.example"}]

    typed(own_site, "import", ndjson(file, people), "--store", str(store))
    typed(own_site, "import", ndjson(file, [{"email": "later@x.example"}]), "--store", str(store))

    assert counts(own_site, store)[0] == 3


def test_what_comes_through_a_named_pipe_is_loaded_and_what_is_rejected_is_told(
    own_site: Site, tmp_path: Path
) -> None:
    store, pipe = empty_store(own_site), tmp_path / "pipe"
    os.mkfifo(pipe)
    content = b'{"email":"none"}\n{"email":"some@x.example"}\n'
    writer = threading.Thread(target=pipe.write_bytes, args=(content,))
    writer.start()

    said = typed(own_site, "import", pipe, "--store", str(store), "--format", "ndjson", code=1)

    writer.join()
    assert said.stdout.startswith("1 created, 1 rejected in ")
    assert "line 1: email is not a valid email address." in said.stderr
    assert list(tmp_path.iterdir()) == [pipe]


def test_nothing_is_restricted_to_a_client_that_there_is_not(own_site: Site, tmp_path: Path) -> None:
    store, file = empty_store(own_site), ndjson(tmp_path / "people.ndjson", [customer(1)])
    told = typed(own_site, "import", file, "--store", str(store), "--client", "sandbok", code=1)
    assert told.stderr == "patron: client sandbok does not exist\n"
    assert counts(own_site, store)[0] == 0


def test_two_exports_into_one_file_are_not_mixed(site: Site, tmp_path: Path) -> None:
    file, beside = tmp_path / "people.ndjson", tmp_path / "people.ndjson.part"
    with alone_with(beside) as another:
        another.write(b"half of another")
        another.flush()
        told = typed(site, "export", file, "--store", "67", code=1)
        assert beside.read_bytes() == b"half of another"

    assert told.stderr == f"patron: {beside}: another command is writing it\n"
    typed(site, "export", file, "--store", "67")
    assert list(tmp_path.iterdir()) == [file]
