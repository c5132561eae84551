"""From an empty database to a served customer by the command line alone, as an operator does it."""

import json
import subprocess
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner

from app.cli import main
from app.db.migrate import upgrade
from tests.databases import empty_database
from tests.ports import free_port
from tests.server.commands import PATRON, SECRET, environment, running

CLIENT = {
    "redirect-uri": "https://app.example/callback",
    "project-name": "Sync",
    "company-name": "Example Ltd.",
    "contact-name": "Ada Lovelace",
    "contact-email": "ada@app.example",
    "contact-phone": "+44 20 5550 0100",
}
USER = {"email": "ada@app.example", "first-name": "Ada", "last-name": "Lovelace"}
STORE = {"name": "A shop", "domain": "shop.example", "email": "hello@shop.example"}


def flags(given: dict[str, str]) -> list[str]:
    return [part for name, value in given.items() for part in (f"--{name}", value)]


class Operator:
    """Whoever runs the commands, on one database; each in a process of its own."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.variables = folder, {"PATRON_DATABASE_URL": url}

    def ended(self, *command: str, said: str | None = None) -> tuple[int, str, str]:
        """The status of a command, and what it printed to whom."""
        ran = subprocess.run(
            [PATRON, *command],
            cwd=self.folder,
            env=environment(**self.variables),
            input=said,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return ran.returncode, ran.stdout, ran.stderr

    def done(self, *command: str, said: str | None = None) -> Any:
        """What a command that succeeds prints, as JSON where it is that."""
        status, printed, error = self.ended(*command, said=said)
        assert status == 0, error
        return json.loads(printed) if printed.startswith("{") else printed

    def refused(self, *command: str) -> list[str]:
        """The lines of a command that fails."""
        status, printed, error = self.ended(*command)
        assert (status, printed) == (1, "")
        return error.splitlines()


class Inside(Operator):
    """The same in this process, where nothing is said about processes: starting one takes over a second."""

    def ended(self, *command: str, said: str | None = None) -> tuple[int, str, str]:
        """The status of a command, and what it printed to whom."""
        ran = CliRunner().invoke(main, command, input=said, env=self.variables)
        assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
        return ran.exit_code, ran.stdout, ran.stderr


@pytest.fixture
def inside(tmp_path: Path) -> Inside:
    """On a database that is as `patron db upgrade` leaves it."""
    url = f"sqlite:///{tmp_path}/data.sqlite3"
    upgrade(url)
    return Inside(tmp_path, url)


@pytest.fixture
def operator(engine_name: str, tmp_path: Path) -> Any:
    with empty_database(engine_name, tmp_path) as url:
        made = Operator(tmp_path, url)
        made.done("db", "upgrade")
        yield made


def ask(port: int, method: str, path: str, token: str, body: dict[str, str] | None = None) -> tuple[int, Any]:
    """An answer in JSON, to a form where there is a body."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    headers |= {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
    connection.request(method, path, urlencode(body) if body else None, headers)
    response = connection.getresponse()
    answer = response.status, json.loads(response.read())
    connection.close()
    return answer


def test_commands_alone_lead_from_an_empty_database_to_a_customer(operator: Operator) -> None:
    client = operator.done("client", "create", *flags(CLIENT), "--client-id", "sync")
    named = ["--client", client["client_id"]]
    user = operator.done("user", "create", *flags(USER), "--password", *named, said="correct horse\n")
    owned = ["--user", str(user["user_id"])]
    store = operator.done("store", "create", *flags(STORE), *owned, *named)
    serving = {"PATRON_SECRET_KEY": SECRET, "PATRON_BASE_URL": "https://shop.example"}
    port = free_port()

    assert client["client_id"].startswith("sync_")
    with running(operator.folder, "serve", "--port", str(port), **serving, **operator.variables):
        for made, path in (
            (client, f"/clients/{client['id']}"),
            (user, f"/users/{user['user_id']}"),
            (user, f"/users/{user['user_id']}/stores"),
            (store, f"/stores/{store['store_id']}"),
        ):
            assert ask(port, "GET", path, made["token"]["access_token"])[0] == 200
        fields = {
            "grant_type": "refresh_token",
            "refresh_token": store["token"]["refresh_token"],
            "client_id": client["client_id"],
            "client_secret": client["client_secret"],
        }
        status, refreshed = ask(port, "POST", "/token", "", fields)
        assert (status, refreshed["scope"]) == (200, "store_full_access")
        customers = f"/stores/{store['store_id']}/customers"
        customer = {"email": "first@example.com", "password": "correct horse battery"}
        assert ask(port, "POST", customers, refreshed["access_token"], customer)[0] == 201
        assert ask(port, "GET", customers, store["token"]["access_token"])[1]["total_items"] == 1
        assert ask(port, "POST", "/clients", "", {"project_name": "Mine"})[0] == 401


def test_every_fault_has_a_line_and_leaves_nothing(inside: Inside) -> None:
    names = [name.replace("-", "_") for name in CLIENT]
    assert inside.refused("client", "create") == [
        f"patron: {name} can't be blank, {name} is too short (minimum is 1 characters)" for name in names
    ]
    assert inside.refused("user", "create", *flags({**USER, "email": "ada", "first-name": "x" * 51})) == [
        "patron: first_name is too long (maximum is 50 characters)",
        "patron: email is not a valid email address.",
    ]
    for command, said in (
        (("store", "create", *flags(STORE), "--user", "7"), "user 7 does not exist."),
        (("store", "create", *flags(STORE), "--client", "nobody"), "client nobody does not exist."),
        (("user", "create", *flags(USER), "--store", "7"), "store 7 does not exist."),
        (("user", "create", *flags(USER), *["--store", "8"] * 2), "store 8 does not exist."),
    ):
        assert inside.refused(*command) == [f"patron: {said}"]
    assert inside.done("store", "create", *flags(STORE))["store_id"] > 0
    assert inside.refused("store", "create", *flags(STORE)) == ["patron: store_domain is already in use"]


def test_a_user_may_be_given_stores_that_are_there(inside: Inside) -> None:
    first = inside.done("store", "create", *flags(STORE))["store_id"]
    second = inside.done("store", "create", *flags({**STORE, "domain": "other.example"}))["store_id"]
    stores = [part for each in (first, second, first) for part in ("--store", str(each))]
    made = inside.done("user", "create", *flags(USER), *stores)
    serving = {"PATRON_SECRET_KEY": SECRET, "PATRON_BASE_URL": "https://shop.example"}
    port = free_port()

    assert "refresh_token" not in made["token"], "no client could use it"
    with running(inside.folder, "serve", "--port", str(port), **serving, **inside.variables):
        theirs = ask(port, "GET", f"/users/{made['user_id']}/stores", made["token"]["access_token"])[1]
    assert [each["store_domain"] for each in theirs["_embedded"]["fx:stores"]] == [
        "shop.example",
        "other.example",
    ]


def test_without_a_migrated_database_a_command_says_what_to_do(tmp_path: Path) -> None:
    operator = Inside(tmp_path, f"sqlite:///{tmp_path}/x.sqlite3")
    for noun in ("client", "user", "store"):
        (line,) = operator.refused(noun, "create")
        assert "patron db upgrade" in line


def test_help_for_what_is_created_loads_nothing(tmp_path: Path) -> None:
    for noun in ("client", "user", "store"):
        loaded = subprocess.run(
            [PATRON.with_name("python"), "-X", "importtime", PATRON, noun, "create", "--help"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert "--" in loaded.stdout
        assert "sqlalchemy" not in loaded.stderr


def test_the_sandbox_comes_back_with_the_stores_that_its_users_have_made(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, "sandbox", "--port", str(port)):
        given = {name.replace("-", "_"): value for name, value in CLIENT.items()}
        client = ask(port, "POST", "/clients", "", given)[1]
        person = {name.replace("-", "_"): value for name, value in USER.items()}
        user = ask(port, "POST", "/users", client["token"]["access_token"], person)[1]
        token = user["token"]["access_token"]
        stores = user["_links"]["fx:stores"]["href"].partition(str(port))[2]
        status, store = ask(
            port, "POST", stores, token, {f"store_{name}": each for name, each in STORE.items()}
        )
        assert status == 201, store
    with running(tmp_path, "sandbox", "--port", str(port)):
        assert ask(port, "GET", stores, token)[1]["total_items"] == 1
        path = store["_links"]["self"]["href"].partition(str(port))[2]
        assert ask(port, "GET", path, store["token"]["access_token"])[0] == 200
