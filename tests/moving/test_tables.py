"""Tables as spreadsheets write them: columns are guessed, said or left out; each row stands for itself."""

import csv
import io
from pathlib import Path

import pytest

from app.moving.files import LONGEST_LINE
from tests.moving.moved import counts, empty_store, exported, ndjson, rejects, typed
from tests.moving.people import customer
from tests.site import Site

ON_ONE_ENGINE = True

EXCEL = (
    "\ufeffE-mail;First Name;Nachname;Billing City;Billing Address;billing_country;Attributes:Shoe size;"
    "Attributes(public):Tier;Whatever\r\n"
    'kim@example.com;Kim;"O\'Hara; ""jr""";Bend;1 Lake Road;US;44;gold;?\r\n'
    "zoë@example.com;'=Zoë;;Bend;\"'+1 Lake\nRoad\";US;;;\r\n"
    ";;;;;;;;\r\n"
)


def test_a_table_from_a_spreadsheet_is_read(own_site: Site, tmp_path: Path) -> None:
    store, file = empty_store(own_site), tmp_path / "people.csv"
    file.write_text(EXCEL, newline="")

    typed(own_site, "import", file, "--store", str(store), "--map", "Nachname=last_name")

    token = own_site.tokens[f"/stores/{store}"]
    page = own_site.hal(f"/stores/{store}/customers?zoom=default_billing_address", token=token)
    kim, zoe = page["_embedded"]["fx:customers"]
    assert (kim["email"], kim["last_name"]) == ("kim@example.com", 'O\'Hara; "jr"')
    assert {
        (each["name"], each["value"], each["visibility"]) for each in kim["_embedded"]["fx:attributes"]
    } == {("Shoe size", "44", "private"), ("Tier", "gold", "public")}
    assert (zoe["first_name"], zoe["last_name"]) == ("=Zoë", None)
    assert zoe["_embedded"]["fx:default_billing_address"]["address1"] == "+1 Lake\nRoad"


def test_a_dry_run_says_what_would_be_done_and_does_nothing(own_site: Site, tmp_path: Path) -> None:
    store, file = empty_store(own_site), tmp_path / "people.csv"
    file.write_text(f"{EXCEL}nobody;;;;1 Road;XX;;;\r\n", newline="")

    said = typed(own_site, "import", file, "--store", str(store), "--dry-run", code=1).stdout

    assert "E-mail -> email\nFirst Name -> first_name\nNachname -> (left out)\n" in said
    assert "Attributes(public):Tier -> attributes(public):Tier\n" in said
    assert "line 6: email is not a valid email address.; Country is invalid" in said
    assert "2 good, 1 faulty in" in said
    assert counts(own_site, store) == (0, 0, 0)
    assert [each.name for each in tmp_path.iterdir()] == ["people.csv"]


def test_one_bad_row_never_costs_a_good_one(own_site: Site, tmp_path: Path) -> None:
    store, file = empty_store(own_site), tmp_path / "people.tsv"
    rows = [
        b"email\tfirst_name\tcard_cc_number",
        b"good1@example.com\tOne\t",
        b"latin1@example.com\tL\xe9o\t",
        b"long@example.com\t" + b"x" * LONGEST_LINE + b"\t",
        b"short@example.com",
        b'quoted@example.com\t"' + b"y" * 200_000 + b'"\t',
        b"nul@example.com\tN\x00l\t",
        b"card@example.com\t4111111111111111\t",
        b"expiry@example.com\tTen\t4111 1111 1111 1111",
        b"good2@example.com\tTwo\t",
    ]
    file.write_bytes(b"\n".join(rows))

    said = typed(own_site, "import", file, "--store", str(store), code=1)

    assert said.stdout.startswith("2 created, 7 rejected in ")
    told = rejects(file)
    assert [each["line"] for each in told] == [3, 4, 5, 6, 7, 8, 9]
    assert [list(each["reasons"]) for each in told[-2:]] == [
        ["first_name"],
        ["default_payment_method.cc_exp_month", "default_payment_method.cc_exp_year"],
    ]
    path = file.with_name(f"{file.name}.rejects.ndjson")
    assert "4111" not in path.read_text().replace(" ", "")
    assert path.stat().st_mode & 0o077 == 0
    assert counts(own_site, store)[0] == 2


def test_another_encoding_can_be_said(own_site: Site, tmp_path: Path) -> None:
    store, file = empty_store(own_site), tmp_path / "people.csv"
    file.write_bytes("email,first_name\nleo@example.com,Léo\n".encode("cp1252"))

    typed(own_site, "import", file, "--store", str(store), "--encoding", "cp1252")

    assert '"first_name":"Léo"' in exported(own_site, store)


@pytest.mark.parametrize("kind", ["csv", "tsv"])
def test_an_exported_table_is_what_an_import_of_it_exports(own_site: Site, tmp_path: Path, kind: str) -> None:
    first, second = empty_store(own_site), empty_store(own_site, "second")
    people = [customer(number) | {"first_name": text} for number, text in enumerate(_DANGEROUS, 1)]
    typed(own_site, "import", ndjson(tmp_path / "people.ndjson", people), "--store", str(first))
    file = tmp_path / f"people.{kind}"

    typed(own_site, "export", "--store", str(first), file)
    typed(own_site, "import", file, "--store", str(second))

    text = file.read_text()
    assert exported(own_site, second, kind).encode() == text.encode()
    rows = list(csv.reader(io.StringIO(text), delimiter="," if kind == "csv" else "\t"))
    assert not [cell for row in rows for cell in row if cell[:1] in set("=+-@\t\r")]
    assert [row[rows[0].index("billing_address_name")] for row in rows[1:]] == ["Home"] * len(_DANGEROUS)


_DANGEROUS = ("=1+1", "'=1+1", "''", "@x", "-1", "+1", "a,b;c", 'say "hi"', "two\nlines", "'", "Núñez")
