"""Settings: README's table is the whole of them, and what makes no sense is said at the start, by name."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from app.config import VARIABLES, Config, Misconfigured, from_environment, unknown_variables
from tests.server.commands import run

README = Path(__file__).parents[2] / "README.md"


def test_readme_has_one_row_for_each_variable_and_no_other() -> None:
    rows = re.findall(r"^\| `(PATRON_\w+)` \|", README.read_text(), re.MULTILINE)
    assert sorted(rows) == sorted(VARIABLES)


def test_each_variable_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each may come from a file; that one is not there shows that it is looked for."""
    for name in VARIABLES:
        with monkeypatch.context() as patched:
            patched.setenv(f"{name}_FILE", str(tmp_path / "missing"))
            with pytest.raises(Misconfigured, match=f"{name}_FILE"):
                from_environment()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://db/patron"),
        ("DATABASE_URL", "sqlite:///"),
        ("BASE_URL", "shop.example"),
        ("RELS_URL", "ftp://shop.example/"),
        ("HCAPTCHA_URL", "nonsense"),
        ("THREADS", "0"),
        ("THREADS", "many"),
        ("ALLOW_WEAK_HASHES", "perhaps"),
        ("PROXIES", "-1"),
        ("REDIS_URL", "memcached://localhost"),
        ("SMTP_URL", "mail.example"),
        ("WEBHOOK_NETWORKS", "10.0.0.1/8"),
        ("CORS_ORIGINS", "https://shop.example/path"),
        ("ODATA_MILLISECONDS", "0"),
        ("ACCESS_LOG", "sometimes"),
        ("METRICS_NETWORKS", "localhost"),
        ("METRICS_TOKEN", "short"),
        ("DRAIN_SECONDS", "3600"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_the_name_of_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"PATRON_{name}", value)
    with pytest.raises(Misconfigured, match=f"PATRON_{name}|{name}"):
        from_environment()


def test_every_setting_has_a_variable_but_those_of_the_sandbox() -> None:
    assert len(VARIABLES) == len(fields(Config)) - 2


def test_a_slip_in_a_name_is_told_with_what_was_meant(tmp_path: Path) -> None:
    assert unknown_variables({"PATRON_THRAEDS", "PATRON_THREADS", "PATRON_THREADS_FILE", "PATH"}) == {
        "PATRON_THRAEDS": "PATRON_THREADS"
    }
    said = run(tmp_path, "serve", PATRON_BASE_ULR="https://shop.example").stderr
    assert '"did you mean PATRON_BASE_URL?"' in said
    assert "PATRON_SECRET_KEY is not set" in said.splitlines()[-1]
