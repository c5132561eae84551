"""The command line as an operator uses it: real processes, a real port, a real database file."""

import json
import os
import re
import shlex
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from app.db.engine import unguarded_engine
from app.db.migrate import newest, upgrade
from tests.ports import free_port
from tests.server.commands import PATRON, SECRET, environment, get, run, run_alone, running


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A sandbox that runs: where, what it has said, and its credentials."""

    folder: Path
    said: str
    shown: dict[str, Any]

    @property
    def port(self) -> int:
        return int(self.shown["base"].rpartition(":")[2])


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox that runs, on which nothing is changed."""
    folder = tmp_path_factory.mktemp("sandbox")
    with running(folder, "sandbox", "--port", "0") as (_, said):
        yield Sandbox(folder, said, json.loads(run(folder, "credentials").stdout))


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what a sandbox has left behind that was stopped."""
    folder = tmp_path_factory.mktemp("stopped")
    with running(folder, "sandbox", "--port", "0"):
        pass
    return folder


@pytest.fixture
def left(stopped: Path, tmp_path: Path) -> Path:
    """The same for one test alone, which may change it."""
    copytree(stopped / ".patron", tmp_path / ".patron")
    return tmp_path


def test_the_sandbox_starts_on_an_empty_folder_and_its_curl_lines_work(sandbox: Sandbox) -> None:
    lines = [line for line in sandbox.said.splitlines() if line.startswith("curl")]
    assert len(lines) == 3
    bodies = [
        subprocess.run(shlex.split(f"{line} -s"), capture_output=True, check=True).stdout for line in lines
    ]
    assert json.loads(bodies[0])["id"] == 115
    assert bodies[1].startswith(b"<?xml")
    assert json.loads(bodies[2])["class"] == ["customer"]


def test_the_sandbox_survives_ctrl_c_and_comes_back_with_its_data_and_tokens(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, "sandbox", "--port", str(port)) as (process, _):
        before = json.loads(run_alone(tmp_path, "credentials").stdout)
        status, body = get(port, "/customers/115", before["token"])
        assert status == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    with running(tmp_path, "sandbox", "--port", str(port)):
        assert json.loads(run(tmp_path, "credentials").stdout) == before
        assert get(port, "/customers/115", before["token"]) == (200, body)
        assert get(port, "/customers/201", before["other_store_token"])[0] == 200


def test_credentials_are_for_the_owner_alone(sandbox: Sandbox) -> None:
    shown = sandbox.shown
    assert set(shown) == {
        *("base", "store_id", "token", "other_store_token", "client_id", "client_secret", "refresh_token"),
        *("portal_base", "customer_email", "customer_password", "account_code", "api_key"),
    }
    assert (shown["base"], shown["store_id"]) == (f"http://127.0.0.1:{sandbox.port}", 66)
    kept = sandbox.folder / ".patron" / "credentials.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_start_that_fails_leaves_the_credentials_of_the_one_that_runs(sandbox: Sandbox) -> None:
    folder = sandbox.folder
    with socket.socket() as taken:
        before = run(folder, "credentials").stdout
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert run_alone(folder, "sandbox", "--port", str(taken.getsockname()[1])).returncode == 1
        assert run(folder, "credentials").stdout == before


def test_deleted_credentials_are_made_anew_and_the_data_stays_readable(left: Path) -> None:
    (left / ".patron" / "credentials.json").unlink()
    with running(left, "sandbox", "--port", "0"):
        shown = json.loads(run(left, "credentials").stdout)
        port = int(shown["base"].rpartition(":")[2])
        assert json.loads(get(port, "/customers/115", shown["token"])[1])["forgot_password"] == "blah"


def test_several_sandboxes_may_start_at_once(tmp_path: Path) -> None:
    command = [PATRON, "sandbox", "--port", "0"]
    quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    started = [subprocess.Popen(command, cwd=tmp_path, env=environment(), **quiet) for _ in range(4)]
    for process in started:
        assert process.stdout
        assert "Patron's sandbox is at" in process.stdout.readline()
        process.terminate()
        process.wait(60)
        process.stdout.close()


def test_credentials_without_a_sandbox_say_how_to_get_one(tmp_path: Path) -> None:
    refused = run(tmp_path, "credentials")

    assert refused.returncode == 1
    assert refused.stderr == "patron: there is no sandbox here yet: start it with `make serve`\n"


def test_a_port_that_is_taken_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = run_alone(tmp_path, "sandbox", "--port", str(port))

    assert refused.returncode == 1
    assert re.fullmatch(rf"patron: port {port} on 127\.0\.0\.1 is taken: .*\n", refused.stderr)


def test_a_database_newer_than_the_code_is_said_in_one_line(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/data.sqlite3"
    upgrade(url)
    engine = unguarded_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    production = {"PATRON_SECRET_KEY": SECRET, "PATRON_BASE_URL": "https://shop.example"}
    for command in (("sandbox",), ("serve",), ("db", "upgrade")):
        refused = run(tmp_path, *command, PATRON_DATABASE_URL=url, **production)
        assert refused.returncode == 1
        assert refused.stderr.count("\n") == 1
        assert "newer than this version of Patron" in refused.stderr


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({}, "PATRON_SECRET_KEY is not set"),
        ({"PATRON_SECRET_KEY": "short"}, "PATRON_SECRET_KEY is too short"),
        ({"PATRON_SECRET_KEY": SECRET}, "PATRON_BASE_URL is not set"),
        ({"PATRON_SECRET_KEY": SECRET, "PATRON_BASE_URL": "shop"}, "PATRON_BASE_URL=shop is no http"),
        ({"PATRON_SECRET_KEY": SECRET, "PATRON_BASE_URL": "https://shop.example"}, "run `patron db upgrade`"),
        ({"PATRON_SECRET_KEY": SECRET, "PATRON_BASE_URL": "https://u:p@shop.example"}, "is no http"),
        ({"PATRON_SECRET_KEY": SECRET, "PATRON_BASE_URL": "https://x y"}, "is no http"),
        ({"PATRON_SECRET_KEY": SECRET, "PATRON_BASE_URL": 'https://x/"><'}, "is no http"),
        ({"PATRON_SECRET_KEY": SECRET, "PATRON_BASE_URL": "https://x:99999"}, "is no http"),
        ({"PATRON_RELS_URL": "ftp://x/"}, "PATRON_RELS_URL=ftp://x/ is no http"),
        ({"PATRON_THREADS": "many"}, "PATRON_THREADS"),
        ({"PATRON_THREADS": "0"}, "PATRON_THREADS=0 must be from 1"),
        ({"PATRON_THREADS": "100000"}, "PATRON_THREADS"),
        ({"PATRON_PROXIES": "-1"}, "PATRON_PROXIES=-1 must be from 0"),
        ({"PATRON_PROXIES": "nginx"}, "PATRON_PROXIES"),
        ({"PATRON_REDIS_URL": "http://:secret@x"}, "PATRON_REDIS_URL must begin with redis://"),
        ({"PATRON_DATABASE_URL": "garbage"}, "PATRON_DATABASE_URL must begin with"),
        ({"PATRON_DATABASE_URL": "mysql://root:secret@x/b"}, "PATRON_DATABASE_URL must begin with"),
        ({"PATRON_DATABASE_URL": "sqlite://"}, "must name a file"),
        ({"PATRON_SECRET_KEY_FILE": "/nowhere/at/all"}, "PATRON_SECRET_KEY_FILE must be a readable file"),
    ],
)
def test_production_refuses_to_start_without_what_it_needs(
    tmp_path: Path, variables: dict[str, str], said: str
) -> None:
    refused = run(tmp_path, "serve", **variables)

    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert said in refused.stderr
    assert "secret@" not in refused.stderr


@pytest.mark.parametrize(
    ("command", "url", "said"),
    [
        (("db", "upgrade"), "postgresql://a:notaport/b", "PATRON_DATABASE_URL"),
        (("db", "upgrade"), "sqlite:////proc/nowhere/x", "/proc/nowhere"),
        (("db", "upgrade", "0099"), "sqlite:///data.sqlite3", "0099"),
        (("db", "downgrade", "zzz"), "sqlite:///data.sqlite3", "zzz"),
        (("db", "upgrade"), "sqlite:///no-database", "cannot be opened"),
        (("sandbox",), "sqlite:///no-database", "cannot be opened"),
        (("sandbox", "--host", "nohost.invalid"), "sqlite:///data.sqlite3", "nohost.invalid"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    tmp_path: Path, command: tuple[str, ...], url: str, said: str
) -> None:
    (tmp_path / "no-database").write_text("this is no database " * 100)
    refused = run(tmp_path, *command, PATRON_DATABASE_URL=url)

    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1), refused.stderr
    assert said in refused.stderr


def test_production_never_takes_a_sandbox_token(left: Path) -> None:
    port = free_port()
    with running(left, "sandbox", "--port", str(port)):
        token = json.loads(run(left, "credentials").stdout)["token"]
        assert get(port, "/customers/115", token)[0] == 200
    production = {
        "PATRON_SECRET_KEY_FILE": str(left / ".patron" / "secret_key"),
        "PATRON_BASE_URL": "https://shop.example",
        "PATRON_DATABASE_URL": f"sqlite:///{left}/.patron/sandbox.sqlite3",
    }
    with running(left, "serve", "--port", str(port), **production):
        assert get(port, "/customers/115", token)[0] == 401
        assert get(port, "/")[0] == 200


def test_tokens_are_listed_and_revoked_and_never_shown(left: Path) -> None:
    port = free_port()
    database = {"PATRON_DATABASE_URL": f"sqlite:///{left}/.patron/sandbox.sqlite3"}
    with running(left, "sandbox", "--port", str(port)):
        shown = json.loads(run(left, "credentials").stdout)
        listed = run(left, "token", "list", **database)
        names, *lines = [line.split("\t") for line in listed.stdout.splitlines()]
        assert names == ["grant", "kind", "client", "scope", "store", "user", "created", "expires", "revoked"]
        assert sorted(line[1] for line in lines) == ["access", "access", "access", "refresh"]
        assert {line[2] for line in lines} == {"sandbox"}
        assert not [each for each in shown.values() if str(each) in listed.stdout and len(str(each)) > 20]

        piped = run_alone(left, "token", "revoke", standard_input=shown["token"] + "\n", **database)
        assert piped.stdout == "1 token revoked\n"
        assert get(port, "/customers/115", shown["token"])[0] == 401
        assert get(port, "/customers/201", shown["other_store_token"])[0] == 200

        (grant,) = [line[0] for line in lines if line[1] == "refresh"]
        assert run(left, "token", "revoke", grant, **database).stdout == "2 tokens revoked\n"
        for named in (grant, shown["refresh_token"], "nonsense"):
            refused = run(left, "token", "revoke", named, **database)
            assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
            assert named not in refused.stderr
    assert len(run(left, "token", "list", **database).stdout.splitlines()) == 2
    assert len(run(left, "token", "list", "--all", **database).stdout.splitlines()) == 5


def test_api_keys_are_told_once_then_listed_by_name_and_revoked(left: Path) -> None:
    database = {"PATRON_DATABASE_URL": f"sqlite:///{left}/.patron/sandbox.sqlite3"}
    shown = json.loads(run(left, "credentials").stdout)
    assert (shown["account_code"], len(shown["api_key"])) == ("foxglove.example", 36)

    wanted = ("apikey", "create", "--store", "nordlys.example", "--label", "The ERP")
    made = run_alone(left, *wanted, "--permissions", "edit, view", **database)
    told = json.loads(made.stdout)
    assert (told["store_id"], told["account_code"], told["permissions"]) == (
        67,
        "nordlys.example",
        ["view", "edit"],
    )
    listed = run(left, "apikey", "list", **database).stdout
    names, *lines = [line.split("\t") for line in listed.splitlines()]
    assert names == ["name", "label", "store", "account_code", "permissions", "created", "revoked"]
    ours = [line for line in lines if line[0] == told["name"]]
    assert [line[1:5] + line[6:] for line in ours] == [["The ERP", "67", "nordlys.example", "view,edit", "-"]]
    assert len(lines) == 2
    for key in (told["api_key"], shown["api_key"]):
        assert key not in listed + made.stderr

    revoked = [run(left, "apikey", "revoke", told["name"], **database) for _ in range(2)]
    assert [each.returncode for each in revoked] == [0, 1]
    assert revoked[1].stderr == "patron: no API key that has not ended already is called so\n"
    assert run(left, "apikey", "revoke", shown["api_key"], **database).returncode == 0
    assert len(run(left, "apikey", "list", **database).stdout.splitlines()) == 1
    assert len(run(left, "apikey", "list", "--all", **database).stdout.splitlines()) == 3
    with running(left, "sandbox", "--port", "0"):
        anew = json.loads(run(left, "credentials").stdout)
    assert anew["api_key"] != shown["api_key"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--store", "66", "--label", "A", "--permissions", "view,fly"), "fly: permissions are view, add"),
        (("--store", "66", "--label", "A", "--permissions", "add"), "view must be among the permissions"),
        (("--store", "66", "--label", " \n"), "the label must have from 1 to 100 characters"),
        (("--store", "66", "--label", "A", "--permissions", " ,"), "view must be among the permissions"),
        (("--store", "nobodys.example", "--label", "A"), "no store has the id or the account code 'nobodys"),
        (("--store", "99999999999", "--label", "A"), "no store has the id or the account code '99999999999'"),
        (("--store", b"\xff\xfe", "--label", "A"), "no store has the id or the account code"),
    ],
)
def test_an_api_key_that_makes_no_sense_is_refused_in_one_line(
    tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    database = {"PATRON_DATABASE_URL": f"sqlite:///{tmp_path}/data.sqlite3"}
    upgrade(database["PATRON_DATABASE_URL"])
    refused = run(tmp_path, "apikey", "create", *map(os.fsdecode, options), **database)

    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (1, "", 1)
    assert said in refused.stderr


def test_a_line_that_is_no_text_is_refused_in_one(tmp_path: Path) -> None:
    database = {"PATRON_DATABASE_URL": f"sqlite:///{tmp_path}/data.sqlite3"}
    upgrade(database["PATRON_DATABASE_URL"])
    user = ("user", "create", "--email", "a@a.example", "--first-name", "A", "--last-name", "B", "--password")
    for command in (("token", "revoke"), ("apikey", "revoke"), user, ("token", "revoke", "\udcff\udcfe")):
        ran = run(tmp_path, *command, standard_input=b"\xff\xfe\n", **database)
        assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (1, "", 1)
        assert ran.stderr.startswith("patron: ")
    ran = run_alone(tmp_path, "token", "revoke", b"\xff\xfe", **database)
    assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (1, "", 1)


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SECRET)
    variables = {
        "PATRON_SECRET_KEY_FILE": str(tmp_path / "secret"),
        "PATRON_BASE_URL": "https://shop.example",
    }

    assert "run `patron db upgrade`" in run(tmp_path, "serve", **variables).stderr


def test_the_sandbox_leaves_other_databases_alone(tmp_path: Path) -> None:
    from sqlalchemy.orm import Session

    from app.db.engine import open_engine
    from app.resources.store import Store

    url = f"sqlite:///{tmp_path}/shop.sqlite3"
    upgrade(url)
    engine = open_engine(url)
    with Session(engine) as session, session.begin():
        session.add(Store(id=1, store_name="A shop", store_domain="a.example", store_email="a@a.example"))
    engine.dispose()

    refused = run(tmp_path, "sandbox", PATRON_DATABASE_URL=url)
    assert refused.returncode == 1
    assert "holds stores that are not the sandbox's" in refused.stderr


def test_migrating_goes_up_and_down(tmp_path: Path) -> None:
    variables = {"PATRON_DATABASE_URL": f"sqlite:///{tmp_path}/data.sqlite3"}

    told = f"the database is at revision {newest()}\n"
    assert run_alone(tmp_path, "db", "upgrade", **variables).stdout == told
    left = run_alone(tmp_path, "db", "downgrade", "base", **variables)
    assert left.stdout == "the database is at revision none\n"


def test_help_answers_at_once(tmp_path: Path) -> None:
    asked = run_alone(tmp_path, "--help")
    assert "sandbox" in asked.stdout
    loaded = subprocess.run(
        [sys.executable, "-X", "importtime", PATRON, "--help"], capture_output=True, text=True, check=True
    ).stderr
    assert not re.search(r"\b(sqlalchemy|flask|lxml)\b", loaded)


def test_the_log_tells_refusals_and_no_secret(sandbox: Sandbox) -> None:
    token = str(sandbox.shown["token"])
    body = get(sandbox.port, "/customers/999?zoom=attributes", token)[1]
    logref = json.loads(body)["_embedded"]["fx:errors"][0]["logref"]
    log = (sandbox.folder / "log").read_text()
    (line,) = [each for each in map(json.loads, log.splitlines()) if each.get("logref") == logref]
    assert (line["status"], line["path"], line["codes"]) == (404, "/customers/999", ["not_found"])
    assert token not in log
