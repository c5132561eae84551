"""What Patron is started by: units that systemd understands, and an image with all that it needs."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.databases import absent
from tests.server.commands import PATRON, environment

ROOT = Path(__file__).parents[2]


def test_systemd_finds_no_fault_with_the_units(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        absent("systemd-analyze is not installed")
    units = []
    for name in ("patron.service", "patron-worker.service"):
        unit = tmp_path / name
        unit.write_text((ROOT / name).read_text().replace("/opt/patron/bin", str(PATRON.parent)))
        units.append(unit)
    verified = subprocess.run(
        ["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False
    )
    assert (verified.returncode, verified.stderr) == (0, "")


@pytest.mark.parametrize("option", ["NoNewPrivileges=yes", "ProtectSystem=strict", "KillSignal=SIGTERM"])
def test_both_units_are_as_narrow(option: str) -> None:
    for name in ("patron.service", "patron-worker.service"):
        assert f"\n{option}\n" in (ROOT / name).read_text()


def test_all_that_readers_are_told_to_run_works_on_the_data_of_the_server() -> None:
    """Neither in a container without the volume, nor as another user or in another folder than the unit."""
    said = [(ROOT / name).read_text() for name in ("README.md", "Dockerfile")]
    lines = [line for text in said for line in text.splitlines()]
    containers = [line for line in lines if re.search(r"(docker run .*|\$run) --env-file", line)]
    assert len(containers) == 6
    for each in containers:
        assert "--env-file patron.env -v patron:/data" in each
    (command,) = re.findall(r"systemd-run (?:.+\\\n)*.+", said[0])
    properties = re.findall(r"-p (\S+)", command)
    assert {each.partition("=")[0] for each in properties} >= {"DynamicUser", "User", "WorkingDirectory"}
    for name in ("patron.service", "patron-worker.service"):
        assert set(properties) <= set((ROOT / name).read_text().splitlines())


def test_a_worker_in_a_container_answers_where_the_image_asks_whether_it_is_alive() -> None:
    (asked,) = re.findall(r"http://127\.0\.0\.1:(\d+)/healthz", (ROOT / "Dockerfile").read_text())
    workers = re.findall(r"patron worker.*", (ROOT / "README.md").read_text())
    in_containers = [each for each in workers if "--port" in each and "#" not in each and "`" not in each]
    assert in_containers == [f"patron worker --port {asked}"]


def test_a_new_process_of_gunicorn_loads_all_code_as_it_is_there_now(tmp_path: Path) -> None:
    """Else one that a reload starts has old modules among new ones."""
    found = "[each for each in sys.modules if each.split('.')[0] == 'app']"
    (tmp_path / "probe.py").write_text(f"import sys\nsys.exit('old: ' + str({found}))")
    command = [PATRON.with_name("gunicorn"), "-c", "python:app.gunicorn", "-w", "1", "probe:app"]
    bound = ["-b", f"unix:{tmp_path}/socket"]
    process = subprocess.Popen(
        [*command, *bound], cwd=tmp_path, env=environment(), stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    try:
        assert next(line for line in process.stderr if line.startswith("old: ")) == "old: []\n"
    finally:
        process.terminate()
        process.wait()
        process.stderr.close()


def test_the_image_copies_what_is_there_and_what_its_context_lets_in() -> None:
    said = (ROOT / "Dockerfile").read_text()
    let_in = set(re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
    copied = {
        each
        for line in re.findall(r"^COPY (?!--from)(.+)$", said, re.MULTILINE)
        for each in line.split()[:-1]
    }
    assert copied == let_in
    assert all((ROOT / each).exists() for each in copied)
    assert "--require-hashes -r requirements.lock" in said
    assert re.search(r"^USER [1-9]", said, re.MULTILINE), "by number, which tells that it is not root"
