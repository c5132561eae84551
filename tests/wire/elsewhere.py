"""A customer of another store, whose id this one never comes to."""

from app.db.sessions import store_session
from app.emails import fold_email
from app.resources.customer import Customer
from app.sandbox import OTHER_STORE_ID
from tests.site import Site

ELSEWHERE = 1_700_000_000
EMAIL = "elsewhere@example.com"


def elsewhere(site: Site) -> int:
    """The id of a registered customer of another store."""
    with store_session(site.engine, OTHER_STORE_ID) as session:
        if session.get(Customer, (OTHER_STORE_ID, ELSEWHERE)) is None:
            session.add(Customer(id=ELSEWHERE, email=EMAIL, email_key=fold_email(EMAIL)))
    return ELSEWHERE
