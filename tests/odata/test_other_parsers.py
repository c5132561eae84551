"""The same conditions read by two other parsers of OData: all three find the same structure in them.

odatapy reads Patron's own $metadata first, and so checks names and types too. Known faults of the others
(reference/liftoff.md §2.7) are kept out of the sentences: odata-query refuses lists of one and functions in
upper case.
"""

from functools import reduce
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from odata_query import ast
from odata_query.grammar import ODataLexer, ODataParser
from odatapy.edm.model import Edm
from odatapy.edm.names import FullQualifiedName
from odatapy.edm.xml_io import XmlEdmProvider
from odatapy.errors import ODataLibraryException
from odatapy.server.uri import expression as theirs
from odatapy.server.uri.expression_parser import ExpressionParser

from app.odata import csdl_xml, syntax
from app.odata.clauses import written
from app.odata.lexer import tokens
from tests.odata.asking import status
from tests.odata.sentences import conditions

EDM = Edm.from_provider(XmlEdmProvider(csdl_xml.document().decode()))
CUSTOMER = EDM.get_entity_type(FullQualifiedName("Patron", "Customer"))

Tree = tuple[Any, ...]


def ours(node: Any) -> Tree:
    """Patron's tree, as nested tuples."""
    match node:
        case syntax.Constant():
            return ("is", node.value)
        case syntax.Path():
            return ("path", *node.names)
        case syntax.Call():
            return (node.name, *map(ours, node.arguments))
        case syntax.Unary():
            return (node.operator, ours(node.operand))
        case syntax.Binary():
            return (node.operator, ours(node.left), ours(node.right))
        case syntax.Joined():
            return reduce(lambda left, right: (node.operator, left, right), map(ours, node.operands))
        case syntax.Listed():
            return ("in", ours(node.operand), *map(ours, node.items))
        case syntax.Lambda():
            return (node.kind, node.path.names, node.variable, ours(node.body))
    raise AssertionError(node)


def of_odatapy(node: Any) -> Tree:
    """What odatapy found, as the same tuples."""
    match node:
        case theirs.Literal():
            return literal(node.text)
        case theirs.Member() if node.lambda_expression is not None:
            found = node.lambda_expression
            return (found.kind, tuple(node.path), found.variable, of_odatapy(found.body))
        case theirs.Member():
            return ("path", *([node.lambda_variable] if node.lambda_variable else []), *node.path)
        case theirs.Method():
            return (node.method.value, *map(of_odatapy, node.parameters))
        case theirs.Unary():
            return ("not" if node.operator.value == "not" else "neg", of_odatapy(node.operand))
        case theirs.Binary() if node.operator.value == "in":
            assert isinstance(node.right, theirs.ListExpression)
            return ("in", of_odatapy(node.left), *map(of_odatapy, node.right.items))
        case theirs.Binary():
            return (node.operator.value, of_odatapy(node.left), of_odatapy(node.right))
    raise AssertionError(node)


NAMES = {
    ast.Eq: "eq", ast.NotEq: "ne", ast.Gt: "gt", ast.GtE: "ge", ast.Lt: "lt", ast.LtE: "le", ast.Add: "add",
    ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.Mod: "mod", ast.And: "and", ast.Or: "or",
    ast.Not: "not", ast.USub: "neg", ast.Any: "any", ast.All: "all",
}  # fmt: skip


def of_odata_query(node: Any) -> Tree:
    """What odata-query found, as the same tuples."""
    match node:
        case ast.String() | ast.Null() | ast.Integer() | ast.Float() | ast.Boolean() | ast.DateTime():
            return stands_for(node)
        case ast.Identifier():
            return ("path", node.name)
        case ast.Attribute():
            return (*of_odata_query(node.owner), node.attr)
        case ast.Call():
            return (node.func.name, *map(of_odata_query, node.args))
        case ast.UnaryOp():
            return (NAMES[type(node.op)], of_odata_query(node.operand))
        case ast.Compare() if isinstance(node.comparator, ast.In):
            assert isinstance(node.right, ast.List)
            return ("in", of_odata_query(node.left), *map(of_odata_query, node.right.val))
        case ast.Compare() | ast.BinOp() | ast.BoolOp():
            operator = node.comparator if isinstance(node, ast.Compare) else node.op
            return (NAMES[type(operator)], of_odata_query(node.left), of_odata_query(node.right))
        case ast.CollectionLambda():
            of, body = node.lambda_, of_odata_query(node.lambda_.expression)
            return (NAMES[type(node.operator)], of_odata_query(node.owner)[1:], of.identifier.name, body)
    raise AssertionError(node)


def stands_for(node: Any) -> Tree:
    """What a literal of odata-query stands for."""
    if isinstance(node, ast.String):
        return ("is", node.val)
    return ("is", None) if isinstance(node, ast.Null) else literal(node.val)


def literal(text: str) -> Tree:
    """What a literal's text stands for."""
    first = next(tokens(text, "$filter"))
    words = {"true": True, "false": False, "null": None}
    return ("is", words[text.lower()] if first.kind == "name" else first.value)


@settings(max_examples=150, deadline=None)
@given(conditions())
def test_other_parsers_find_the_same_structure(text: str) -> None:
    found = ours(written("$filter", text))

    assert of_odatapy(ExpressionParser.parse_string(text, edm=EDM, context_type=CUSTOMER)) == found
    assert of_odata_query(ODataParser().parse(ODataLexer().tokenize(text))) == found


@settings(max_examples=50, deadline=None)
@given(conditions())
def test_what_is_well_typed_is_understood(text: str) -> None:
    assert status(f"$filter={quote(text, safe='')}") == 200


@pytest.mark.parametrize(
    "text",
    [
        "Id eq 'x'", "Name eq 5", "IsActive eq 'x'", "Nothing eq 1", "contains(Name)", "Name eq", "eq 1",
        "(Id eq 1", "BillingAddresses/all()", "BillingAddresses/Id eq 1", "nothing(Name)", "not Id",
        "Id and IsActive", "Name eq 'x", "BillingAddresses/any(a:b/Id eq 1)", "", "Id eq 1 Id eq 2",
    ],
)  # fmt: skip
def test_what_odatapy_refuses_patron_refuses(text: str) -> None:
    assert status(f"$filter={text}") == 400

    with pytest.raises(ODataLibraryException):
        ExpressionParser.parse_string(text, edm=EDM, context_type=CUSTOMER)
