"""The command `patron`: as a process of its own, or in this one where nothing hangs on the difference."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import chdir, contextmanager
from http.client import HTTPConnection
from pathlib import Path

from click.testing import CliRunner

from app.cli import main

PATRON = Path(sys.executable).with_name("patron")
SECRET = "x" * 40


def environment(**variables: str) -> dict[str, str]:
    """This process's, without what would set Patron up, and with that."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PATRON_")}
    return kept | variables


@contextmanager
def running(
    folder: Path, *arguments: str, patron: Sequence[str | Path] = (PATRON,), **variables: str
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server that has said that it serves, and what it said; told to stop at the end.

    What it logs is in the folder's `log`.

    :param patron: another command that serves.
    """
    with (folder / "log").open("a") as log:
        process = subprocess.Popen(
            [*patron, *arguments],
            cwd=folder,
            env=environment(**variables),
            stdout=subprocess.PIPE,
            stderr=log,
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
    folder: Path, *arguments: str, standard_input: str | bytes | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    """What a command does that ends by itself, run in this process: to start one takes longer than most."""
    cleared = {name: None for name in os.environ if name.startswith("PATRON_")}
    with chdir(folder):
        ran = CliRunner().invoke(main, arguments, input=standard_input, env=cleared | variables)
    if not isinstance(ran.exception, SystemExit | None):
        raise ran.exception  # of which a process would print the trace
    return subprocess.CompletedProcess(arguments, ran.exit_code, ran.stdout, ran.stderr)


def run_alone(
    folder: Path, *arguments: str | bytes, standard_input: str | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    """The same in a process of its own."""
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
    """The status and the body of an answer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
    response = connection.getresponse()
    answer = response.status, response.read()
    connection.close()
    return answer
