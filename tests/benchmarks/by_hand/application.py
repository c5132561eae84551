"""The views: from a request to rows, from rows to a document."""

from urllib.parse import quote

import orjson
from flask import Flask, Response, request

from tests.benchmarks.by_hand import postgresql, sqlite
from tests.benchmarks.by_hand.dictionaries import Database, Json, customers_of, page_of
from tests.benchmarks.documents import STORE_ID


def make_app(url: str) -> Flask:
    """The floor over a database, by its SQLAlchemy URL."""
    app = Flask("by_hand", static_folder=None)
    database: Database = sqlite.Sqlite(url) if url.startswith("sqlite") else postgresql.Postgresql(url)

    @app.get("/customers/<int:customer_id>")
    def one(customer_id: int) -> Response:
        return _one(database, customer_id, zoomed=bool(request.query_string) and "zoom" in request.args)

    @app.patch("/customers/<int:customer_id>")
    def patch(customer_id: int) -> Response:
        database.update(customer_id, orjson.loads(request.get_data()))
        return _one(database, customer_id, zoomed=False)

    @app.get(f"/stores/{STORE_ID}/customers")
    def page() -> Response:
        arguments = request.args
        limit, offset = int(arguments.get("limit", 20)), int(arguments.get("offset", 0))
        email, zoom = arguments.get("email"), arguments.get("zoom")
        if email is None:
            rows = database.page(limit, offset)
            total, kept = rows[0][-1] if rows else 0, f"zoom={zoom}&" if zoom else ""
        else:
            rows, total = database.search(email.lower(), limit, offset)
            kept = f"email={quote(email, safe='')}&"
        customers = customers_of(database, rows, zoomed=zoom is not None)
        return _answer(page_of(customers, total, limit, offset, kept, request.query_string.decode()))

    return app


def _one(database: Database, customer_id: int, *, zoomed: bool) -> Response:
    row = database.one(customer_id)
    if row is None:
        return Response(status=404)
    return _answer(customers_of(database, [row], zoomed=zoomed)[0])


def _answer(document: Json) -> Response:
    response = Response(orjson.dumps(document), 200, content_type="application/hal+json")
    if "HTTP_IF_NONE_MATCH" in request.environ:
        response.add_etag()
        response.make_conditional(request.environ)
    return response
