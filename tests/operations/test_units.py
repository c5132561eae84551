"""What Patron is started by: units that systemd understands, and an image with all that it needs."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.databases import absent
from tests.server.test_commands import PATRON

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
