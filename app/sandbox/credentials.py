"""The sandbox's credentials: minted once, kept in a file that only its owner can read."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.auth.api_keys import PERMISSIONS, ApiKey
from app.auth.key_administration import new_key
from app.auth.scopes import STORE_FULL_ACCESS
from app.auth.tokens import Token, new_token, token_hash
from app.config import Misconfigured
from app.resources.store import Store
from app.sandbox import CLIENT, CUSTOMER_EMAIL, OTHER_STORE_ID, PASSWORD, STORE_ID
from app.sandbox.owner import add_owner, new_refresh_token, secret_of_client

NAME = "credentials.json"
KEY = "secret_key"
SHOWN = (
    "base",
    "store_id",
    "token",
    "other_store_token",
    "client_id",
    "client_secret",
    "refresh_token",
    "portal_base",
    "customer_email",
    "customer_password",
    "account_code",
    "api_key",
)


def read_credentials(folder: Path) -> dict[str, Any]:
    """What scripts need to use the sandbox.

    :raises Misconfigured: where there is no sandbox yet.
    """
    kept = _read(folder)
    if any(name not in kept for name in SHOWN):
        raise Misconfigured("there is no sandbox here yet: start it with `make serve`")
    return {name: kept[name] for name in SHOWN if name in kept}


def secret_key(folder: Path) -> str:
    """The sandbox's secret key, made on the first run; apart from what may be deleted and made again."""
    kept = folder / KEY
    if not kept.exists():
        _write(kept, new_token().encode())
    return kept.read_text()


def mint(engine: Engine, folder: Path, base: str) -> dict[str, Any]:
    """The credentials for a sandbox at this address, with tokens that its database knows."""
    add_owner(engine)
    kept = _read(folder) | {
        "base": base,
        "store_id": STORE_ID,
        "client_id": CLIENT,
        "portal_base": f"{base}/stores/{STORE_ID}/s/customer/",
        "customer_email": CUSTOMER_EMAIL,
        "customer_password": PASSWORD,
    }
    for name, store_id in (("token", STORE_ID), ("other_store_token", OTHER_STORE_ID)):
        if not _known(engine, str(kept.get(name, ""))):
            kept[name] = _mint_token(engine, store_id)
    kept["client_secret"] = secret_of_client(engine, str(kept.get("client_secret", "")))
    if not _known(engine, str(kept.get("refresh_token", ""))):
        kept["refresh_token"] = new_refresh_token(engine)
    kept["account_code"], kept["api_key"] = _sign_in(engine, str(kept.get("api_key", "")))
    _write(folder / NAME, orjson.dumps(kept, option=orjson.OPT_INDENT_2))
    return {name: kept[name] for name in SHOWN if name in kept}


def _known(engine: Engine, token: str) -> bool:
    """Whether a token still counts: one that somebody has tried to revoke is made anew."""
    living = select(Token.hash).where(Token.hash == token_hash(token), Token.revoked_at.is_(None))
    with Session(engine) as session:
        return session.scalar(living) is not None


def _sign_in(engine: Engine, kept: str) -> tuple[str, str]:
    """The code of store 66, and the API key that was kept, or a new one where that counts no more."""
    of_store = (ApiKey.store_id == STORE_ID, ApiKey.revoked_at.is_(None))
    living = select(ApiKey.hash).where(ApiKey.hash == token_hash(kept), *of_store)
    with Session(engine) as session, session.begin():
        code = session.scalars(select(Store.code).where(Store.id == STORE_ID)).one()
        if session.scalar(living) is not None:
            return code, kept
        key, row = new_key(STORE_ID, "The sandbox's", PERMISSIONS, is_sandbox=True)
        session.add(row)
    return code, key


def _mint_token(engine: Engine, store_id: int) -> str:
    token = new_token()
    with Session(engine) as session, session.begin():
        session.add(
            Token(
                hash=token_hash(token),
                store_id=store_id,
                scope=STORE_FULL_ACCESS.name,
                client=CLIENT,
                is_sandbox=True,
            )
        )
    return token


def _read(folder: Path) -> dict[str, Any]:
    try:
        kept = orjson.loads((folder / NAME).read_bytes())
    except FileNotFoundError:
        return {}
    except orjson.JSONDecodeError:
        kept = None
    if not isinstance(kept, dict):
        raise Misconfigured(f"{folder / NAME} is not readable: delete it, and new credentials will be made")
    return kept


def _write(path: Path, content: bytes) -> None:
    """Replaces a file as a whole; it is never readable by others, not even for a moment."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    fresh.replace(path)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Makes the folder, for its owner alone, and keeps other sandboxes out while this one prepares."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
