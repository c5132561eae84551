"""`make bench` runs: its figures are for people, but that it measures what it says is checked here."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

DOCUMENTS = (
    "one customer",
    "one customer, all zooms",
    "page of 20",
    "page of 300, all zooms",
    "search by email",
    "304",
    "page of 20 at 90 %",
    "PATCH",
)
FEW = ["--sizes", "500", "--rounds", "1", "--seconds", "0.02", "--sign-ins", "1", "--deliveries", "0"]


def test_a_short_benchmark_compares_the_same_bytes_and_reports_every_document_and_format() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", *FEW, "--engines", "sqlite"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    spread = r"\d+\.\d\d \[.*?\]"
    for document in DOCUMENTS:
        title = rf"^{re.escape(document)} +"
        for row in (
            rf"({spread} >= [01]\.\d+(?: MISSED)? +){{3}}{spread}$",
            r"([\d,]+ \([\d.]+\) *){5}$",
            r"([\d.]+ / [\d.]+ *){5}$",
            rf"{spread} +1\.00 \[1\.00-1\.00\].*{spread}$",
        ):
            assert re.search(title + row, ran.stdout, re.MULTILINE), ran.stdout
    for line in (
        r"An idle Patron has \d+ MB",
        r"explorer's page of a customer: \d.* ms of CPU",
        r"Token: .* of a warm GET",
        r"Sign-ins a second .* bare bcrypt",
        r"  sign-in, HAL\+XML: .* p50 \d",
        r"GETs while 1 customers",
    ):
        assert re.search(line, ran.stdout), ran.stdout
