"""user: a person who runs stores, and lets clients reach them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marshmallow import Schema
from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.tables import Author, Base, now
from app.db.types import Moment
from app.emails import fold_email
from app.fields import Email, email_address, shortest, usable_password
from app.hypermedia import ADD, REPLACE, Relation, ResourceType
from app.schema import of, write_only
from app.transitions import Founding

HASH_TYPE, HASH_CONFIG = "bcrypt", "12"
SHORTEST_PASSWORD = 8


class User(Base):
    """A user. One without a password cannot sign in, and so gives no consent.

    A sandbox's own user `is_sandbox`: everybody knows the password, so no other server lets that one in.
    """

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(Integer, default=1)
    first_name: Mapped[str] = mapped_column(String(50))
    last_name: Mapped[str] = mapped_column(String(50))
    email: Mapped[str] = mapped_column(String(100))
    email_key: Mapped[str] = mapped_column(String(300), unique=True)
    phone: Mapped[str | None] = mapped_column(String(50))
    is_programmer: Mapped[bool] = mapped_column(default=False)
    is_front_end_developer: Mapped[bool] = mapped_column(default=False)
    is_designer: Mapped[bool] = mapped_column(default=False)
    is_merchant: Mapped[bool] = mapped_column(default=False)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    is_sandbox: Mapped[bool] = mapped_column(default=False)
    date_created: Mapped[datetime | None] = mapped_column(Moment, default=now)
    date_modified: Mapped[datetime | None] = mapped_column(Moment, default=now)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - as SQLAlchemy declares it

    @classmethod
    def columns(
        cls,
        given: Mapping[str, Any],
        current: Mapping[str, Any] | None,  # noqa: ARG003
        author: Author,
    ) -> dict[str, Any]:
        """Folds the email, hashes the password."""
        made = {name: value for name, value in given.items() if name != "password"}
        if "email" in given:
            made["email_key"] = fold_email(given["email"])
        if given.get("password"):
            made["password_hash"] = author.hash(given["password"], HASH_TYPE, HASH_CONFIG).hash
        return made


class UserStore(Base):
    """That a store is one of a user's."""

    __tablename__ = "user_store"
    __table_args__ = ({"sqlite_with_rowid": False},)

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    store_id: Mapped[int] = mapped_column(
        ForeignKey("store.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class UserSchema(Schema):
    """The properties of a user, in hAPI's order."""

    first_name = of(User.first_name, "The user's given name.", required=True, example="Ada")
    last_name = of(User.last_name, "The user's surname.", required=True, example="Okafor")
    email = of(
        User.email,
        "The user's email address; also the name under which this user signs in.",
        required=True,
        audited=True,
        kind=Email,
        checks=[email_address],
        example="ada@app.example.com",
    )
    phone = of(User.phone, "The user's telephone number.", example="+44 20 5550 0100")
    password = write_only(
        "The password in clear text, with which the user signs in to let clients reach stores: at least"
        f" {SHORTEST_PASSWORD} characters. It is never stored and never shown.",
        most=50,
        checks=[shortest(SHORTEST_PASSWORD), usable_password],
    )
    is_programmer = of(User.is_programmer, "Whether the user writes programs for stores.")
    is_front_end_developer = of(User.is_front_end_developer, "Whether the user writes stores' pages.")
    is_designer = of(User.is_designer, "Whether the user designs stores.")
    is_merchant = of(User.is_merchant, "Whether the user runs stores.")
    date_created = of(User.date_created, "When this resource was created.", read_only=True)
    date_modified = of(User.date_modified, "When this resource was last modified.", read_only=True)


USER = ResourceType(
    name="user",
    row=User,
    schema=UserSchema,
    path="/users/{id}",
    title="This User",
    meaning="A user: a person who runs stores, and lets clients reach them.",
    reach="user",
    founding=Founding(
        name="create_user",
        title="Create a user via POST.",
        href="/users",
        meaning="Creates a user. The answer holds a token for it, this once.",
    ),
    relations=(
        Relation(
            name="stores",
            title="Stores for This User",
            href="/users/{id}/stores",
            meaning="The stores of a user. A POST creates one; its answer holds a token for it, this once.",
            target="store",
            many=True,
            child_key="user_store.user_id",
            methods=ADD,
        ),
    ),
    clashes={"uq_user_email_key": ("email", "has already been taken")},
    methods=REPLACE,
)
