"""Tables with something wrong: a quote nobody closes, lines too long, other line ends and encodings."""

import json
from pathlib import Path

import pytest

from app.moving.files import LONGEST_LINE
from tests.moving.moved import counts, empty_store, exported, rejects, typed
from tests.site import Site

ON_ONE_ENGINE = True

HEADER = "email;first_name;last_name;billing_address1\n"
FEW = 50


def emails(site: Site, store: int) -> set[str]:
    return {json.loads(line)["email"] for line in exported(site, store).splitlines()}


@pytest.mark.parametrize(
    ("behind", "reason"),
    [
        ("", "unexpected end of data"),
        ('last@x.example;"Quoted";L;t\n', "expected after"),
        ('last@x.example;";";L;t\n', "unexpected end of data"),
        ('last@x.example;L;"; and";t\n', "a quote within a cell"),
    ],
)
def test_a_quote_that_nobody_closes_costs_its_own_row(
    own_site: Site, tmp_path: Path, behind: str, reason: str
) -> None:
    store, file = empty_store(own_site), tmp_path / "people.csv"
    good = [f"b{number}@x.example;Good;L;t\n" for number in range(FEW)]
    faulty = 'faulty@x.example;"Unclosed;L;t\n'
    file.write_text(HEADER + good[0] + faulty + "".join(good[1:]) + "short@x.example\n" + behind)

    typed(own_site, "import", file, "--store", str(store), code=1)

    told = rejects(file)
    assert emails(own_site, store) == {each.split(";")[0] for each in [*good, *filter(None, [behind])]}
    assert [(each["line"], each["document"]) for each in told] == [
        (3, faulty.strip()),
        (FEW + 3, "short@x.example"),
    ]
    assert reason in told[0]["reasons"][""]


def test_more_than_a_cell_may_hold_behind_a_quote_costs_its_own_row(own_site: Site, tmp_path: Path) -> None:
    store, file = empty_store(own_site), tmp_path / "people.csv"
    good = [f"b{number}@x.example;{'G' * 50};{'L' * 50};{'t' * 90}\n" for number in range(800)]
    file.write_text(f'{HEADER}faulty@x.example;"Unclosed;L;t\n{"".join(good)}')

    said = typed(own_site, "import", file, "--store", str(store), code=1)

    assert said.stdout.startswith("800 created, 1 rejected in ")
    assert [each["line"] for each in rejects(file)] == [2]


def test_a_line_that_is_too_long_costs_the_row_that_it_is_part_of(own_site: Site, tmp_path: Path) -> None:
    store, file = empty_store(own_site), tmp_path / "people.csv"
    rows = [
        "good1@x.example;G;L;t",
        'half@x.example;H;L;"Lake',
        "x" * LONGEST_LINE + "y",
        'Road"',
        "good2@x.example;G;L;t",
    ]
    file.write_text(HEADER + "\n".join(rows))

    typed(own_site, "import", file, "--store", str(store), code=1)

    assert emails(own_site, store) == {"good1@x.example", "good2@x.example"}
    assert [each["line"] for each in rejects(file)] == [3, 4, 5]


@pytest.mark.parametrize(
    ("header", "options", "separator"),
    [
        ('"Remark, if any, or none";email\n', (), ";"),
        (
            '"E-mail\naddress, or none, or two";first_name\n',
            ("--map", "E-mail\naddress, or none, or two=email"),
            ";",
        ),
        ("email|first_name\n", ("--separator", "|"), "|"),
        ("email\tfirst_name\n", ("--separator", "tab"), "\t"),
    ],
)
def test_cells_are_told_apart_by_what_stands_between_them(
    site: Site, tmp_path: Path, header: str, options: tuple[str, ...], separator: str
) -> None:
    file, cells = tmp_path / "people.csv", ["kim@x.example", "kim@x.example"]
    file.write_text(header + separator.join(cells) + "\n")

    said = typed(site, "import", file, "--store", "67", "--dry-run", *options)

    assert "1 good in" in said.stdout


def test_columns_that_are_not_understood_are_named_in_every_run(own_site: Site, tmp_path: Path) -> None:
    store, file = empty_store(own_site), tmp_path / "people.csv"
    file.write_text("email,Frist Name,Notes\nkim@x.example,Kim,none\n")

    said = typed(own_site, "import", file, "--store", str(store), "--map", "Notes=")

    assert "patron: not understood, so left out: Frist Name (--map" in said.stderr
    assert counts(own_site, store)[0] == 1


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        (b"email,x\ra@x.example,b\r", (), "as old Macs wrote them"),
        (b"x" * (LONGEST_LINE + 1) + b"\nemail\n", (), "the line is longer than"),
        (b'email,"x\na@x.example,b\n', (), "the header that names its columns cannot be read"),
        (b'email,"x\n' + b"x" * (LONGEST_LINE + 1) + b"\n", (), "part of a row that is too long"),
        (b"email,Stra\xdfe\n", (), "say --encoding"),
        *(
            (b"email\n", ("--encoding", each), "no table is read in that")
            for each in ("zlib", "utf-16", "idna")
        ),
        (b"name\nKim\n", (), "no column is the email: name it by --map COLUMN=email"),
        (b"email,E-Mail\na,b\n", (), "two columns are email"),
        (b"email\na\n", ("--map", "mail=email"), "the table has no column mail"),
        (b"email,x\na,b\n", ("--map", "x=nonsense"), "nonsense is no property that a table can hold"),
        (b"", (), "the file has no header"),
        (b"email\n", ("--encoding", "latin-99"), "there is no such encoding"),
        (b"email\n", ("--store", "4711"), "store 4711 does not exist"),
        (b"email\n", ("--separator", "ab"), "say one character"),
        (b"{}\n", ("--format", "ndjson", "--separator", ";"), "--separator is for tables"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_in_one_line(
    site: Site, tmp_path: Path, content: bytes, options: tuple[str, ...], said: str
) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(content)

    told = typed(site, "import", file, "--store", "67", *options, code=1)

    assert said in told.stderr
    assert told.stderr.count("\n") == 1
