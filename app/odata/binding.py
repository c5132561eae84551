"""From what a client wrote to what it means: names become columns of the model, and types are checked.

Nothing but the model's own properties can be reached from here: what is written only, hashes and other
columns have no name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.odata import comparability, syntax
from app.odata.bound import (
    ITSELF,
    Arithmetic,
    Column,
    Comparison,
    Counted,
    Expression,
    Function,
    Junction,
    Membership,
    Negation,
    Ordering,
    Quantified,
    Value,
    type_of,
)
from app.odata.edm import EntityType
from app.odata.expressions import presence
from app.odata.faults import shortened, unoffered, wrong
from app.odata.functions import SIGNATURES
from app.odata.members import Place, Reached, reach

MOST_NODES = 200
MOST_LITERALS = 300
MOST_DEPTH = 17

Scope = Mapping[str, Place]
"""The variables that may be named, and what each stands for."""


@dataclass(slots=True)
class Budget:
    """How much the options of a request may ask, whatever aliases repeat; it numbers what is named."""

    nodes: int = 0
    literals: int = 0
    variables: int = 0


@dataclass(frozen=True, slots=True)
class Binder:
    """Binds the expressions of one option, which are about the rows of `entity`.

    `nested` says that these are those of an expanded navigation.

    :raises Refusal: from each method, where there is no such name, or types do not fit.
    """

    entity: EntityType
    option: str
    aliases: Mapping[str, syntax.Node]
    budget: Budget
    nested: bool = False
    resolving: frozenset[str] = field(default=frozenset())

    def condition(self, node: syntax.Node) -> Expression:
        """What $filter says: it is true or false of a row, or null."""
        expression = self._bind(node, self._scope, 0)
        if type_of(expression) not in {"Edm.Boolean", "null"}:
            raise wrong(self.option, f"it has to be a condition, and is {_named(expression)}")
        return expression

    def ordering(self, term: syntax.Term) -> Ordering:
        """What a term of $orderby says."""
        expression = self._bind(term.node, self._scope, 0)
        if not comparability.varies(expression):
            raise wrong(self.option, "a term has to name a property", term.at)
        return Ordering(expression, term.descends)

    @property
    def _scope(self) -> Scope:
        itself = Place(self.entity, ITSELF)
        return {ITSELF: itself} if self.nested else {ITSELF: itself, "$it": itself}

    def _bind(self, node: syntax.Node, scope: Scope, depth: int) -> Expression:
        self.budget.nodes += not isinstance(node, syntax.Constant)
        if self.budget.nodes > MOST_NODES:
            raise wrong(self.option, f"at most {MOST_NODES} terms may be combined", node.at)
        if depth > MOST_DEPTH:
            raise wrong(self.option, f"at most {MOST_DEPTH} operators may be nested", node.at)
        return _BINDERS[type(node)](self, node, scope, depth + 1)

    def _constant(self, node: syntax.Constant, _: Scope, __: int) -> Expression:
        if node.type == "null":
            return Value("null", -1)
        self.budget.literals += 1
        if self.budget.literals > MOST_LITERALS:
            raise wrong(self.option, f"at most {MOST_LITERALS} literals may stand there", node.at)
        if "\0" in str(node.value):
            raise wrong(self.option, "no text holds the character NUL", node.at)
        return Value(node.type, self.budget.literals, node.value)

    def _alias(self, node: syntax.Alias, scope: Scope, depth: int) -> Expression:
        if node.name in self.resolving:
            raise wrong(self.option, f"{shortened(node.name)} names itself", node.at)
        if node.name not in self.aliases:
            return Value("null", -1)  # OData Protocol §11.2.5.1.3: an alias without a value is null
        within = replace(self, resolving=self.resolving | {node.name})
        return within._bind(self.aliases[node.name], scope, depth)

    def _path(self, node: syntax.Path, scope: Scope, _: int) -> Expression:
        reached = self._reach(node, scope)
        if reached.column is None:
            raise self._no_value(node, reached)
        return Column(
            reached.type, reached.column, reached.nullable, reached.place.variable, reached.place.through
        )

    def _no_value(self, node: syntax.Path, reached: Reached) -> Exception:
        name = shortened("/".join(node.names))
        if reached.many:
            return wrong(
                self.option, f"{name} are many: write {name}/any(a:…), /all(a:…) or /$count", node.at
            )
        return unoffered(self.option, f"{name} is compared by its properties only: {name}/…")

    def _reach(self, node: syntax.Path, scope: Scope) -> Reached:
        return reach(node, scope, self.option)

    def _call(self, node: syntax.Call, scope: Scope, depth: int) -> Expression:
        signature = SIGNATURES[node.name]
        most = len(signature.takes)
        if not most - signature.optional <= len(node.arguments) <= most:
            raise wrong(self.option, f"{node.name}() takes {most} arguments", node.at)
        arguments = tuple(self._bind(each, scope, depth) for each in node.arguments)
        for at, (argument, types) in enumerate(zip(arguments, signature.takes, strict=False), 1):
            if type_of(argument) not in {*types, "null"}:
                wanted = " or ".join(sorted(types))
                message = f"argument {at} of {node.name}() has to be {wanted}, and is {_named(argument)}"
                raise wrong(self.option, message, node.at)
        if any(type_of(argument) == "null" for argument in arguments):
            return Value("null", -1)
        return Function(signature.gives, node.name, arguments)

    def _unary(self, node: syntax.Unary, scope: Scope, depth: int) -> Expression:
        operand = self._bind(node.operand, scope, depth)
        if node.operator == "not":
            return Negation(self._boolean(operand, "not", node.at))
        if type_of(operand) == "null":
            return operand
        return Arithmetic(self._number(operand, "-", node.at), "neg", (operand,))

    def _binary(self, node: syntax.Binary, scope: Scope, depth: int) -> Expression:
        left, right = self._bind(node.left, scope, depth), self._bind(node.right, scope, depth)
        if node.operator in comparability.OPERATORS:
            left, right = comparability.fitted(node.operator, left, right, self.option, node.at)
            self.budget.variables += 1
            comparison = Comparison(comparability.OPERATORS[node.operator], left, right)
            return presence(comparison, f"v{self.budget.variables}")
        types = {self._number(each, node.operator, node.at) for each in (left, right)}
        if "null" in types:
            return Value("null", -1)
        decimal = "Edm.Decimal" in types or node.operator == "divby"
        return Arithmetic(
            "Edm.Decimal" if decimal else "Edm.Int64", comparability.ARITHMETIC[node.operator], (left, right)
        )

    def _joined(self, node: syntax.Joined, scope: Scope, depth: int) -> Expression:
        operands = (
            self._boolean(self._bind(each, scope, depth), node.operator, each.at) for each in node.operands
        )
        return Junction(node.operator, tuple(operands))

    def _listed(self, node: syntax.Listed, scope: Scope, depth: int) -> Expression:
        operand = self._bind(node.operand, scope, depth)
        values = []
        for each in node.items:
            item = self._bind(each, scope, depth)
            _, item = comparability.fitted("eq", operand, item, self.option, each.at)
            if not isinstance(item, Value):
                raise unoffered(self.option, "the list of in holds literals only")
            values.append(item)
        return Membership(operand, tuple(values)) if values else self._false()

    def _false(self) -> Expression:
        self.budget.literals += 1
        return Value("Edm.Boolean", self.budget.literals, value=False)

    def _lambda(self, node: syntax.Lambda, scope: Scope, depth: int) -> Expression:
        reached = self._many(node.path, scope)
        self.budget.variables += 1
        variable = f"v{self.budget.variables}"
        body = None
        if node.body is not None and node.variable is not None:
            if node.variable in scope:
                raise wrong(self.option, f"{shortened(node.variable)} stands for something already", node.at)
            within = {**scope, node.variable: Place(reached.target, variable)}
            body = self._boolean(self._bind(node.body, within, depth), node.kind, node.at)
        return Quantified(
            node.kind, reached.name, reached.place.variable, variable, body, reached.place.through
        )

    def _count(self, node: syntax.Count, scope: Scope, _: int) -> Expression:
        reached = self._many(node.path, scope)
        return Counted(reached.name, reached.place.variable, reached.place.through)

    def _many(self, node: syntax.Path, scope: Scope) -> Reached:
        reached = self._reach(node, scope)
        if not reached.many:
            raise wrong(self.option, f"{shortened('/'.join(node.names))} are not many", node.at)
        return reached

    def _boolean(self, expression: Expression, operator: str, at: int) -> Expression:
        if type_of(expression) not in {"Edm.Boolean", "null"}:
            hint = " (what not denies stands in brackets)" if operator == "not" else ""
            raise wrong(self.option, f"{operator} joins conditions, not {_named(expression)}{hint}", at)
        return expression

    def _number(self, expression: Expression, operator: str, at: int) -> Any:
        type_ = type_of(expression)
        if type_ not in {"Edm.Int64", "Edm.Decimal", "null"}:
            if type_ in {"Edm.DateTimeOffset", "Edm.Date", "Edm.TimeOfDay"}:
                raise unoffered(self.option, "arithmetic of dates and times is not supported")
            raise wrong(self.option, f"{operator} calculates with numbers, not {_named(expression)}", at)
        return type_


def _named(expression: Expression) -> str:
    return f"an {type_of(expression)}" if type_of(expression) != "null" else "null"


_BINDERS: Mapping[type, Callable[..., Expression]] = {
    syntax.Constant: Binder._constant,
    syntax.Alias: Binder._alias,
    syntax.Path: Binder._path,
    syntax.Call: Binder._call,
    syntax.Unary: Binder._unary,
    syntax.Binary: Binder._binary,
    syntax.Joined: Binder._joined,
    syntax.Listed: Binder._listed,
    syntax.Lambda: Binder._lambda,
    syntax.Count: Binder._count,
}
