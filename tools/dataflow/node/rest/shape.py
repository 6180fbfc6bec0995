"""A JSON value whose texts are templates, keys included: the headers, parameters and payload of an operation.

Rules: configuration-systems-rest.rst ("Notes on Jinja templates"): `sesam:markskip` leaves out what it stands in, `sesam:markjson`
makes JSON of the text before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.errors import FindingsError, PumpFailed
from dataflow.source import parse_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataflow.node.rest.template import Template, Templates

SKIP = "sesam:markskip"
JSON = "sesam:markjson"


class Shape:
    """`names` are the variables it uses."""

    def __init__(self, value: Any, templates: Templates, what: str) -> None:
        self.names: set[str] = set()
        self._what = what
        self._compiled = self._compile(value, templates)

    def _compile(self, value: Any, templates: Templates) -> Any:
        """The same value with templates where it had texts, and pairs where it had objects."""
        if type(value) is str:
            template = templates.compile(value, self._what)
            self.names |= template.names
            return template
        if type(value) is list:
            return [self._compile(one, templates) for one in value]
        if type(value) is dict:
            return tuple((self._compile(key, templates), self._compile(one, templates)) for key, one in value.items())
        return value

    def render(self, variables: Mapping[str, Any]) -> Any:
        """The value; None when all of it is to be left out. Raises PumpFailed."""
        found = self._rendered(self._compiled, variables)
        return None if found is SKIP else found

    def _rendered(self, compiled: Any, variables: Mapping[str, Any]) -> Any:
        if type(compiled) is list:
            return [one for inner in compiled if (one := self._rendered(inner, variables)) is not SKIP]
        if type(compiled) is tuple:
            result: dict[str, Any] = {}
            for key, inner in compiled:
                name = key.render(variables)
                value = self._rendered(inner, variables)
                if SKIP not in name and value is not SKIP:
                    result[name] = value
            return result
        if compiled is None or type(compiled) in (bool, int, float):
            return compiled
        return self._marked(compiled, variables)

    def _marked(self, template: Template, variables: Mapping[str, Any]) -> Any:
        text = template.render(variables)
        if SKIP in text:
            return SKIP
        if JSON not in text:
            return text
        try:
            return parse_json(text.replace(JSON, ""), exact=True, tolerant=True).value
        except FindingsError as error:
            raise PumpFailed(f"{self._what}: what stands before {JSON} is {error.diagnostics[0].message}") from None
