"""Which rule a path leads to: found by Werkzeug once for all paths that differ in their numbers alone."""

from collections.abc import Mapping
from typing import Any

from werkzeug.routing import Map, MapAdapter, Rule

MOST_FORMS = 2000
NUMBER = "0"

Form = tuple[str, ...]
"""A method, and the segments of a path with `NUMBER` for each that is one."""


class Paths:
    """The paths of a URL map. What is learned of them stays right as long as the map does."""

    def __init__(self, url_map: Map) -> None:
        self._map = url_map
        self._known: dict[Form, tuple[Rule, tuple[tuple[str, int], ...]]] = {}

    def __len__(self) -> int:
        """How many forms are known."""
        return len(self._known)

    def adapter(self, environ: Mapping[str, Any]) -> MapAdapter:
        """What tells the rule of a request, and the values that its path has for the rule's names."""
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        segments = path.split("/")
        form = (method, *[NUMBER if each.isdecimal() and each.isascii() else each for each in segments])
        known = self._known.get(form)
        if known is not None:
            rule, places = known
            return _Known(rule, {name: segments[at] for name, at in places})  # type: ignore[return-value] # it tells the same
        return _Learning(self._map, environ, self, form)

    def learn(self, form: Form, rule: Rule, values: Mapping[str, Any]) -> None:
        """Remembers a rule, where the form of a path alone tells it, and the places of its values."""
        segments = rule.rule.split("/")
        places = {part[1:-1]: at for at, part in enumerate(segments) if part[:1] == "<" and part[-1:] == ">"}
        by_form = [NUMBER if at in places.values() else part for at, part in enumerate(segments)]
        told = [part for at, part in enumerate(segments) if at not in places.values()]
        is_plain = all(isinstance(each, str) for each in values.values()) and places.keys() == values.keys()
        if is_plain and by_form == list(form[1:]) and NUMBER not in told and len(self) < MOST_FORMS:
            self._known[form] = rule, tuple(places.items())


class _Known:
    """An answer that is known."""

    __slots__ = ("_found",)

    def __init__(self, rule: Rule, values: dict[str, str]) -> None:
        self._found = rule, values

    def match(self, *, return_rule: bool) -> tuple[Rule, dict[str, str]]:  # noqa: ARG002 - as Flask asks
        """The rule, and the values of its names."""
        return self._found


class _Learning(MapAdapter):
    """Werkzeug's answer, which is remembered."""

    def __init__(self, url_map: Map, environ: Mapping[str, Any], paths: Paths, form: Form) -> None:
        super().__init__(
            url_map,
            server_name="",
            script_name=environ.get("SCRIPT_NAME") or "/",
            subdomain="",
            url_scheme="http",
            path_info=environ["PATH_INFO"].encode("latin-1").decode(errors="replace") or "/",
            default_method=environ["REQUEST_METHOD"],
        )
        self._paths, self._form = paths, form

    def match(self, *arguments: Any, **named: Any) -> Any:
        """The rule, and the values of its names.

        :raises HTTPException: where there is none, or not for this method.
        """
        found = super().match(*arguments, **named)
        if named.get("return_rule"):
            self._paths.learn(self._form, *found)
        return found
