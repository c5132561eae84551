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
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import main
from app.db.engine import unguarded_engine
from app.db.migrate import newest, upgrade
from tests.ports import free_port, wait_for

PATRON = Path(sys.executable).with_name("patron")
SECRET = "x" * 40


def environment(**variables: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PATRON_")}
    return kept | variables


@contextmanager
def running(folder: Path, *arguments: str, **variables: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server that has said that it serves, and what it said; told to stop at the end."""
    process = subprocess.Popen(
        [PATRON, *arguments],
        cwd=folder,
        env=environment(**variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout
    said = ""
    try:
        while "curl" not in said.splitlines()[-1] if said else True:
            line = process.stdout.readline()
            assert line, "it ended before it served"
            said += line
            if "serves" in line:
                break
        said += "".join(process.stdout.readline() for _ in range(2)) if "curl" in said else ""
        yield process, said
    finally:
        process.terminate()
        process.wait(60)
        process.stdout.close()


def run(
    folder: Path, *arguments: str, standard_input: str | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PATRON, *arguments],
        cwd=folder,
        env=environment(**variables),
        input=standard_input,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def get(port: int, path: str, token: str = "") -> tuple[int, bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
    response = connection.getresponse()
    answer = response.status, response.read()
    connection.close()
    return answer


def test_the_sandbox_starts_on_an_empty_folder_and_its_curl_lines_work(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, "sandbox", "--port", str(port)) as (_, said):
        lines = [line for line in said.splitlines() if line.startswith("curl")]
        assert len(lines) == 3
        bodies = [
            subprocess.run(shlex.split(f"{line} -s"), capture_output=True, check=True).stdout
            for line in lines
        ]
    assert json.loads(bodies[0])["id"] == 115
    assert bodies[1].startswith(b"<?xml")
    assert json.loads(bodies[2])["class"] == ["customer"]


def test_the_sandbox_survives_ctrl_c_and_comes_back_with_its_data_and_tokens(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, "sandbox", "--port", str(port)) as (process, _):
        before = json.loads(run(tmp_path, "credentials").stdout)
        status, body = get(port, "/customers/115", before["token"])
        assert status == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    with running(tmp_path, "sandbox", "--port", str(port)):
        assert json.loads(run(tmp_path, "credentials").stdout) == before
        assert get(port, "/customers/115", before["token"]) == (200, body)
        assert get(port, "/customers/201", before["other_store_token"])[0] == 200


def test_credentials_are_for_the_owner_alone(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, "sandbox", "--port", str(port)):
        shown = json.loads(run(tmp_path, "credentials").stdout)
    assert set(shown) == {
        *("base", "store_id", "token", "other_store_token", "client_id", "client_secret", "refresh_token"),
        *("portal_base", "customer_email", "customer_password", "account_code", "api_key"),
    }
    assert (shown["base"], shown["store_id"]) == (f"http://127.0.0.1:{port}", 66)
    kept = tmp_path / ".patron" / "credentials.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_start_that_fails_leaves_the_credentials_of_the_one_that_runs(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, "sandbox", "--port", str(port)), socket.socket() as taken:
        before = run(tmp_path, "credentials").stdout
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert run(tmp_path, "sandbox", "--port", str(taken.getsockname()[1])).returncode == 1
        assert run(tmp_path, "credentials").stdout == before


def test_deleted_credentials_are_made_anew_and_the_data_stays_readable(tmp_path: Path) -> None:
    with running(tmp_path, "sandbox", "--port", "0"):
        pass
    (tmp_path / ".patron" / "credentials.json").unlink()
    with running(tmp_path, "sandbox", "--port", "0"):
        shown = json.loads(run(tmp_path, "credentials").stdout)
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
        refused = run(tmp_path, "sandbox", "--port", str(port))

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
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("PATRON_")]:
        monkeypatch.delenv(name)
    refused = CliRunner().invoke(main, ["serve"], env=variables)

    assert refused.exit_code == 1
    assert isinstance(refused.exception, SystemExit), "it is said, not raised"
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


def test_production_never_takes_a_sandbox_token(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, "sandbox", "--port", str(port)):
        token = json.loads(run(tmp_path, "credentials").stdout)["token"]
        assert get(port, "/customers/115", token)[0] == 200
    production = {
        "PATRON_SECRET_KEY_FILE": str(tmp_path / ".patron" / "secret_key"),
        "PATRON_BASE_URL": "https://shop.example",
        "PATRON_DATABASE_URL": f"sqlite:///{tmp_path}/.patron/sandbox.sqlite3",
    }
    with running(tmp_path, "serve", "--port", str(port), **production):
        assert get(port, "/customers/115", token)[0] == 401
        assert get(port, "/")[0] == 200


def test_tokens_are_listed_and_revoked_and_never_shown(tmp_path: Path) -> None:
    port = free_port()
    database = {"PATRON_DATABASE_URL": f"sqlite:///{tmp_path}/.patron/sandbox.sqlite3"}
    with running(tmp_path, "sandbox", "--port", str(port)):
        shown = json.loads(run(tmp_path, "credentials").stdout)
        listed = run(tmp_path, "token", "list", **database)
        names, *lines = [line.split("\t") for line in listed.stdout.splitlines()]
        assert names == ["grant", "kind", "client", "scope", "store", "user", "created", "expires", "revoked"]
        assert sorted(line[1] for line in lines) == ["access", "access", "access", "refresh"]
        assert {line[2] for line in lines} == {"sandbox"}
        assert not [each for each in shown.values() if str(each) in listed.stdout and len(str(each)) > 20]

        piped = subprocess.run(
            [PATRON, "token", "revoke"],
            cwd=tmp_path,
            env=environment(**database),
            input=shown["token"] + "\n",
            capture_output=True,
            text=True,
            check=True,
        )
        assert piped.stdout == "1 token revoked\n"
        assert get(port, "/customers/115", shown["token"])[0] == 401
        assert get(port, "/customers/201", shown["other_store_token"])[0] == 200

        (grant,) = [line[0] for line in lines if line[1] == "refresh"]
        assert run(tmp_path, "token", "revoke", grant, **database).stdout == "2 tokens revoked\n"
        for named in (grant, shown["refresh_token"], "nonsense"):
            refused = run(tmp_path, "token", "revoke", named, **database)
            assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
            assert named not in refused.stderr
    assert len(run(tmp_path, "token", "list", **database).stdout.splitlines()) == 2
    assert len(run(tmp_path, "token", "list", "--all", **database).stdout.splitlines()) == 5


def test_api_keys_are_told_once_then_listed_by_name_and_revoked(tmp_path: Path) -> None:
    database = {"PATRON_DATABASE_URL": f"sqlite:///{tmp_path}/.patron/sandbox.sqlite3"}
    with running(tmp_path, "sandbox", "--port", "0"):
        shown = json.loads(run(tmp_path, "credentials").stdout)
    assert (shown["account_code"], len(shown["api_key"])) == ("foxglove.example", 36)

    wanted = ("apikey", "create", "--store", "nordlys.example", "--label", "The ERP")
    made = run(tmp_path, *wanted, "--permissions", "edit, view", **database)
    told = json.loads(made.stdout)
    assert (told["store_id"], told["account_code"], told["permissions"]) == (
        67,
        "nordlys.example",
        ["view", "edit"],
    )
    listed = run(tmp_path, "apikey", "list", **database).stdout
    names, *lines = [line.split("\t") for line in listed.splitlines()]
    assert names == ["name", "label", "store", "account_code", "permissions", "created", "revoked"]
    ours = [line for line in lines if line[0] == told["name"]]
    assert [line[1:5] + line[6:] for line in ours] == [["The ERP", "67", "nordlys.example", "view,edit", "-"]]
    assert len(lines) == 2
    for key in (told["api_key"], shown["api_key"]):
        assert key not in listed + made.stderr

    revoked = [run(tmp_path, "apikey", "revoke", told["name"], **database) for _ in range(2)]
    assert [each.returncode for each in revoked] == [0, 1]
    assert revoked[1].stderr == "patron: no API key that has not ended already is called so\n"
    assert run(tmp_path, "apikey", "revoke", shown["api_key"], **database).returncode == 0
    assert len(run(tmp_path, "apikey", "list", **database).stdout.splitlines()) == 1
    assert len(run(tmp_path, "apikey", "list", "--all", **database).stdout.splitlines()) == 3
    with running(tmp_path, "sandbox", "--port", "0"):
        anew = json.loads(run(tmp_path, "credentials").stdout)
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
    refused = run(tmp_path, "apikey", "create", *options, **database)

    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (1, "", 1)
    assert said in refused.stderr


def test_a_line_that_is_no_text_is_refused_in_one(tmp_path: Path) -> None:
    database = {"PATRON_DATABASE_URL": f"sqlite:///{tmp_path}/data.sqlite3"}
    run(tmp_path, "db", "upgrade", **database)
    user = ("user", "create", "--email", "a@a.example", "--first-name", "A", "--last-name", "B", "--password")
    for command in (("token", "revoke"), ("apikey", "revoke"), user, ("token", "revoke", b"\xff\xfe")):
        ran = subprocess.run(
            [PATRON, *command],
            cwd=tmp_path,
            env=environment(**database),
            input=b"\xff\xfe\n",
            capture_output=True,
            check=False,
        )
        assert (ran.returncode, ran.stdout, ran.stderr.count(b"\n")) == (1, b"", 1)
        assert ran.stderr.startswith(b"patron: ")


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
    assert run(tmp_path, "db", "upgrade", **variables).stdout == told
    assert (
        run(tmp_path, "db", "downgrade", "base", **variables).stdout == "the database is at revision none\n"
    )


def test_help_answers_at_once(tmp_path: Path) -> None:
    asked = run(tmp_path, "--help")
    assert "sandbox" in asked.stdout
    loaded = subprocess.run(
        [sys.executable, "-X", "importtime", PATRON, "--help"], capture_output=True, text=True, check=True
    ).stderr
    assert not re.search(r"\b(sqlalchemy|flask|lxml)\b", loaded)


def test_the_log_tells_refusals_and_no_secret(tmp_path: Path) -> None:
    port = free_port()
    log = tmp_path / "log"
    with log.open("w") as written:
        process = subprocess.Popen(
            [PATRON, "sandbox", "--port", str(port)],
            cwd=tmp_path,
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=written,
        )
        try:
            wait_for(port)
            token = json.loads(run(tmp_path, "credentials").stdout)["token"]
            body = get(port, "/customers/999?zoom=attributes", token)[1]
        finally:
            process.terminate()
            process.wait(60)
    logref = json.loads(body)["_embedded"]["fx:errors"][0]["logref"]
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    (line,) = [each for each in lines if each["logref"] == logref]
    assert (line["status"], line["path"], line["codes"]) == (404, "/customers/999", ["not_found"])
    assert token not in log.read_text()
