"""client: a program that asks on behalf of users and their stores (OAuth 2.0, RFC 6749 §2)."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marshmallow import Schema
from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.tables import Author, Base, now
from app.db.types import Moment
from app.fields import Email, email_address, matching, name_to_show, redirect_uri, web_address
from app.hypermedia import REPLACE, ResourceType
from app.schema import of
from app.transitions import Founding

PREFIX = "client"
"""How names begin that nobody has begun."""


class Client(Base):
    """A client. What is left of its secret is a hash; a public one, which can keep no secret, has none.

    A sandbox's own client `is_sandbox`: no other server knows it.
    """

    __tablename__ = "client"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(Integer, default=1)
    client_id: Mapped[str] = mapped_column(String(100), unique=True)
    secret_hash: Mapped[str | None] = mapped_column(String(64))
    is_public: Mapped[bool] = mapped_column(default=False)
    is_sandbox: Mapped[bool] = mapped_column(default=False)
    redirect_uri: Mapped[str] = mapped_column(String(200))
    project_name: Mapped[str] = mapped_column(String(200))
    project_description: Mapped[str | None] = mapped_column(String(200))
    company_name: Mapped[str] = mapped_column(String(200))
    company_url: Mapped[str | None] = mapped_column(String(200))
    company_logo: Mapped[str | None] = mapped_column(String(200))
    contact_name: Mapped[str] = mapped_column(String(200))
    contact_email: Mapped[str] = mapped_column(String(200))
    contact_phone: Mapped[str] = mapped_column(String(200))
    javascript_origin_uri: Mapped[str | None] = mapped_column(String(200))
    date_created: Mapped[datetime | None] = mapped_column(Moment, default=now)
    date_modified: Mapped[datetime | None] = mapped_column(Moment, default=now)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - as SQLAlchemy declares it

    @classmethod
    def columns(
        cls,
        given: Mapping[str, Any],
        current: Mapping[str, Any] | None,
        author: Author,  # noqa: ARG003
    ) -> dict[str, Any]:
        """Draws what is missing of a new client's name: nobody takes one that another may know."""
        if current is not None:
            return dict(given)
        return {**given, "client_id": f"{given.get('client_id') or PREFIX}_{secrets.token_hex(10)}"}


class ClientSchema(Schema):
    """The properties of a client, in hAPI's order."""

    client_id = of(
        Client.client_id,
        "The client's name in OAuth. One that is sent begins it; the rest is drawn.",
        once=True,
        checks=[matching("[A-Za-z0-9_]{0,60}", "must be letters, digits and underscores, at most 60")],
    )
    is_public = of(
        Client.is_public,
        "Whether the client runs where it can keep no secret: then it has none, and must use PKCE.",
        once=True,
    )
    redirect_uri = of(
        Client.redirect_uri,
        "Where browsers are sent with a code: https, or http on the user's own machine, there on any port.",
        required=True,
        audited=True,
        checks=[redirect_uri],
        example="https://app.example.com/callback",
    )
    project_name = of(
        Client.project_name,
        "The name of your project.",
        required=True,
        checks=[name_to_show],
        example="Sync",
    )
    project_description = of(
        Client.project_description, "What your project does.", example="Keeps two systems in step."
    )
    company_name = of(
        Client.company_name,
        "The name of your company.",
        required=True,
        checks=[name_to_show],
        example="Example Ltd.",
    )
    company_url = of(Client.company_url, "The address of your company's website.", checks=[web_address])
    company_logo = of(Client.company_logo, "The address of your company's logo.", checks=[web_address])
    contact_name = of(
        Client.contact_name, "Who answers questions about the project.", required=True, example="Ada Okafor"
    )
    contact_email = of(
        Client.contact_email,
        "The email address of that person.",
        required=True,
        kind=Email,
        checks=[email_address],
        example="ada@app.example.com",
    )
    contact_phone = of(
        Client.contact_phone,
        "The telephone number of that person.",
        required=True,
        example="+44 20 5550 0100",
    )
    javascript_origin_uri = of(
        Client.javascript_origin_uri, "Where your scripts in browsers come from.", checks=[web_address]
    )
    date_created = of(Client.date_created, "When this resource was created.", read_only=True)
    date_modified = of(Client.date_modified, "When this resource was last modified.", read_only=True)


CLIENT = ResourceType(
    name="client",
    row=Client,
    schema=ClientSchema,
    path="/clients/{id}",
    title="This Client",
    meaning="An OAuth client: a program that asks on behalf of users and their stores.",
    reach="client",
    founding=Founding(
        name="create_client",
        title="Create a client via POST.",
        href="/clients",
        meaning="Creates a client. The answer holds its secret and a token of its own, this once.",
    ),
    clashes={"uq_client_client_id": ("client_id", "has already been taken")},
    methods=REPLACE,
)
