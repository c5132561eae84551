"""`make bench` runs: its figures are for people, but that it measures what it says is checked here."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(300)
def test_a_quick_benchmark_compares_equal_documents_and_reports_every_format() -> None:
    few = ["--rounds", "1", "--seconds", "0.2", "--sign-ins", "4", "--deliveries", "100"]
    ran = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", *few],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    ratio = r"\d+\.\d\d \[.*?\](?: MISSED)? +"
    for document in ("one customer", "one customer, all zooms", "page of 20", "page of 300, all zooms"):
        assert re.search(rf"^{document} +({ratio}){{3}}", ran.stdout, re.MULTILINE), ran.stdout
    assert re.search(r"idle \d+ MB resident", ran.stdout)
    for line in (
        r"explorer's page of a customer: \d.* ms of CPU",
        r"Token: .* of a warm GET",
        r"Sign-ins a second .* bare bcrypt",
        r"GETs while 4 customers",
        r"Recording events on .* of a PATCH",
        r"Webhooks on .* 100 of",
    ):
        assert re.search(line, ran.stdout), ran.stdout
