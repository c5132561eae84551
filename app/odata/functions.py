"""OData's canonical functions: what those that are offered take and give, and which ones are not."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.odata.bound import Type
from app.odata.faults import shortened, unoffered, wrong


@dataclass(frozen=True, slots=True)
class Signature:
    """The types that each argument may have, how many of them may be left out, and the type it gives."""

    takes: tuple[frozenset[Type], ...]
    gives: Type
    optional: int = 0


_TEXT: frozenset[Type] = frozenset({"Edm.String"})
_WHOLE: frozenset[Type] = frozenset({"Edm.Int64"})
_MOMENT: frozenset[Type] = frozenset({"Edm.DateTimeOffset"})
_DAY: frozenset[Type] = frozenset({"Edm.DateTimeOffset", "Edm.Date"})
_CLOCK: frozenset[Type] = frozenset({"Edm.DateTimeOffset", "Edm.TimeOfDay"})

SIGNATURES: Mapping[str, Signature] = {
    "contains": Signature((_TEXT, _TEXT), "Edm.Boolean"),
    "startswith": Signature((_TEXT, _TEXT), "Edm.Boolean"),
    "endswith": Signature((_TEXT, _TEXT), "Edm.Boolean"),
    "tolower": Signature((_TEXT,), "Edm.String"),
    "toupper": Signature((_TEXT,), "Edm.String"),
    "trim": Signature((_TEXT,), "Edm.String"),
    "length": Signature((_TEXT,), "Edm.Int64"),
    "indexof": Signature((_TEXT, _TEXT), "Edm.Int64"),
    "concat": Signature((_TEXT, _TEXT), "Edm.String"),
    "substring": Signature((_TEXT, _WHOLE, _WHOLE), "Edm.String", optional=1),
    "year": Signature((_DAY,), "Edm.Int64"),
    "month": Signature((_DAY,), "Edm.Int64"),
    "day": Signature((_DAY,), "Edm.Int64"),
    "hour": Signature((_CLOCK,), "Edm.Int64"),
    "minute": Signature((_CLOCK,), "Edm.Int64"),
    "second": Signature((_CLOCK,), "Edm.Int64"),
    "date": Signature((_MOMENT,), "Edm.Date"),
    "time": Signature((_MOMENT,), "Edm.TimeOfDay"),
    "now": Signature((), "Edm.DateTimeOffset"),
}
"""What is offered, by its name in lower case (OData URL Conventions §5.1.1.5 and following)."""

_UNOFFERED = {
    "case", "cast", "ceiling", "floor", "fractionalseconds", "geo.distance", "geo.intersects", "geo.length",
    "hassubset", "hassubsequence", "isof", "matchespattern", "maxdatetime", "mindatetime", "round",
    "totaloffsetminutes", "totalseconds",
}  # fmt: skip


def check_function(name: str, option: str, at: int) -> None:
    """Holds a name that is called to the functions that are offered.

    :raises Refusal: 501 where OData has it and this face does not; 400 where nobody knows it.
    """
    folded = name.lower()
    if folded in SIGNATURES:
        return
    if folded in _UNOFFERED:
        raise unoffered(option, f"{folded}() is not supported; these are: {', '.join(SIGNATURES)}")
    if folded == "substringof":
        raise wrong(option, "substringof() is OData 3: write contains(text, part)", at)
    raise wrong(option, f"there is no function '{shortened(name)}'; there are: {', '.join(SIGNATURES)}", at)
