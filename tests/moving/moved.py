"""The commands as they are typed, and files that they read and write."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from sqlalchemy import func, select

from app.bootstrap import create
from app.cli import main
from app.config import Config
from app.resources.attribute import Attribute
from app.resources.customer import Customer
from app.resources.customer_address import CustomerAddress
from tests.site import SECRET, Site


def typed(site: Site, *arguments: str | Path, code: int = 0, **options: Any) -> Result:
    """What a command says; it must end with this code."""
    settings = {"PATRON_DATABASE_URL": site.url, "PATRON_SECRET_KEY": SECRET}
    said = CliRunner().invoke(main, [str(each) for each in arguments], env=settings, **options)
    assert said.exit_code == code, (said.output, said.stderr, said.exception)
    return said


def empty_store(site: Site, name: str = "moved") -> int:
    """The id of a new store; the site has its token."""
    config = Config(database_url=site.url, secret_key=SECRET)
    properties = {"store_name": name, "store_domain": f"{name}.example", "store_email": "hello@moved.example"}
    made = create(config, "store", {**properties, "timezone": "Europe/Oslo"})
    store_id: int = made["store_id"]
    site.tokens[f"/stores/{store_id}"] = made["token"]["access_token"]
    return store_id


def ndjson(path: Path, documents: Iterable[Any]) -> Path:
    """A file of a document a line."""
    path.write_text("".join(f"{json.dumps(each)}\n" for each in documents))
    return path


def rejects(path: Path) -> list[dict[str, Any]]:
    """What stands in the rejects file of a file, in the order of its lines."""
    lines = path.with_name(f"{path.name}.rejects.ndjson").read_text().splitlines()
    return sorted(map(json.loads, lines), key=lambda each: each["line"])


def exported(site: Site, store_id: int, kind: str = "ndjson") -> str:
    """A store's customers as they are exported, but for addresses and the ids in them."""
    text = typed(site, "export", "--store", str(store_id), "--format", kind).stdout
    return re.sub(r'"href":"[^"]*"', '"href":""', text)


def counts(site: Site, store_id: int) -> tuple[int, ...]:
    """How many customers, attributes and addresses a store has."""
    with site.engine.connect() as connection:
        return tuple(
            connection.scalar(select(func.count()).where(row.store_id == store_id)) or 0
            for row in (Customer, Attribute, CustomerAddress)
        )
