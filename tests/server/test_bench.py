"""`make bench` runs: its figures are for people, but that it measures what it says is checked here."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(300)
def test_a_quick_benchmark_compares_equal_documents_and_reports_every_format() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", "--rounds", "1", "--seconds", "1"],
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
