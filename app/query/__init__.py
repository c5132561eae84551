"""What a query string asks for: zoom, fields, a page, an order and filters; anything unknown is refused."""

from app.query.conditions import Clause, Condition
from app.query.orders import Order
from app.query.parameters import (
    MEANINGS,
    ON_ONE,
    ON_PAGES,
    Pairs,
    encode_pairs,
    gather,
    parse_pairs,
    refuse_query,
    refuse_unknown,
)
from app.query.parsing import Query, parse_one, parse_page
from app.query.properties import comparable, described_filters
from app.query.zooms import Zoom, parse_zoom

__all__ = [
    "MEANINGS",
    "ON_ONE",
    "ON_PAGES",
    "Clause",
    "Condition",
    "Order",
    "Pairs",
    "Query",
    "Zoom",
    "comparable",
    "described_filters",
    "encode_pairs",
    "gather",
    "parse_one",
    "parse_page",
    "parse_pairs",
    "parse_zoom",
    "refuse_query",
    "refuse_unknown",
]
