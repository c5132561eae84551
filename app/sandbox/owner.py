"""Who runs the sandbox: a user with a store, and the client through which that user reaches it."""

import hmac
from datetime import UTC, datetime

import bcrypt
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.auth.grants import issue
from app.auth.scopes import STORE_FULL_ACCESS
from app.auth.tokens import new_token, token_hash
from app.db.ids import NO_STORE, Ids
from app.emails import fold_email
from app.resources.client import Client
from app.resources.user import User, UserStore
from app.sandbox.rows import CLIENT, PASSWORD, STORE_ID

CLIENT_ROW, USER_ID = 1, 1
USER_EMAIL = "sam@foxglove.example"

_OPENED = datetime(2024, 1, 8, 9, 30, tzinfo=UTC)
_SALT = b"$2b$04$CkNwOlHfMPkEdIDPSIvvqu"


def add_owner(engine: Engine) -> None:
    """Adds user and client where they are missing: sandboxes from before had none."""
    with Session(engine) as session:
        missing = session.scalar(select(Client.id).where(Client.client_id == CLIENT)) is None
    if not missing:
        return
    ids = Ids(engine)
    ids.reserve(NO_STORE, Client.__tablename__, CLIENT_ROW)
    ids.reserve(NO_STORE, User.__tablename__, USER_ID)
    with Session(engine) as session, session.begin():
        session.add_all([_client(), _user()])
        session.flush()
        session.add(UserStore(user_id=USER_ID, store_id=STORE_ID))


def secret_of_client(engine: Engine, kept: str) -> str:
    """The client's secret: the one that was kept, or a new one where that is none."""
    with Session(engine) as session, session.begin():
        client = session.scalars(select(Client).where(Client.client_id == CLIENT)).one()
        if client.secret_hash and hmac.compare_digest(token_hash(kept), client.secret_hash):
            return kept
        secret = new_token()
        client.secret_hash = token_hash(secret)
    return secret


def new_refresh_token(engine: Engine) -> str:
    """A refresh token with which the client reaches the user's store."""
    with Session(engine) as session, session.begin():
        issued = issue(
            session,
            scope=STORE_FULL_ACCESS.name,
            client=CLIENT,
            client_row=CLIENT_ROW,
            user_id=USER_ID,
            store_id=STORE_ID,
            is_sandbox=True,
            with_refresh=True,
        )
    assert issued.refresh_token
    return issued.refresh_token


def _client() -> Client:
    return Client(
        id=CLIENT_ROW,
        client_id=CLIENT,
        redirect_uri="http://localhost:8080/callback",
        project_name="The Sandbox",
        project_description="Tries Patron out.",
        company_name="The Foxglove Bookshop",
        company_url="https://www.foxglove.example/",
        contact_name="Sam Okonkwo",
        contact_email=USER_EMAIL,
        contact_phone="+1 503 555 0166",
        is_sandbox=True,
        date_created=_OPENED,
        date_modified=_OPENED,
    )


def _user() -> User:
    return User(
        id=USER_ID,
        first_name="Sam",
        last_name="Okonkwo",
        email=USER_EMAIL,
        email_key=fold_email(USER_EMAIL),
        is_merchant=True,
        password_hash=bcrypt.hashpw(PASSWORD.encode(), _SALT).decode(),
        is_sandbox=True,
        date_created=_OPENED,
        date_modified=_OPENED,
    )
