"""Chapter "Dictionaries": making dicts, taking them apart, and namespaces of their keys.

Dicts keep the order in which their pairs were made. `path`, `apply` and `apply-hops` are forms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.dtl import kinds
from dataflow.dtl.mapping import first
from dataflow.dtl.registry import Chapter, Example
from dataflow.dtl.values import as_list, kind_name
from dataflow.errors import DtlError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dataflow.dtl.namespaces import Namespaces
    from dataflow.dtl.values import Value

dictionaries = Chapter("Dictionaries", "dtl-functions-dictionaries.rst")


def _fast_dict(call: Any) -> str | None:
    """A dict display, when the keys are constant strings."""
    if len(call.arguments) == 1 or len(call.arguments) % 2:
        return None
    keys = range(0, len(call.arguments), 2)
    if not all(type(call.constant_of(index)[1]) is str for index in keys):
        return None
    return f"{{{', '.join(f'{call.arguments[index]}: {call.arguments[index + 1]}' for index in keys)}}}"


@dictionaries.expression(
    "dict",
    "",
    "ITEMS(value-expression{1})",
    "(KEY(value-expression{1}) VALUE(value-expression{1}))+",
    fast=_fast_dict,
    returns="dict",
    examples=[
        Example(["dict"], {}),
        Example(["dict", ["list", ["list", "oak", 1], ["list", "elm"], 5]], {"oak": 1}),
        Example(["dict", "oak", ["list", 1], "elm", "_S.n"], {"oak": [1], "elm": 3}, source={"n": 3}),
    ],
)
def dict_(*arguments: Value) -> dict[str, Value]:
    """A dict of pairs of KEY and VALUE, or of the pairs in a list of lists of two elements; the last of equal keys wins.

    Elements of the list that are no pairs are left out, and so are pairs whose key is not a string.
    """
    if len(arguments) == 1:
        pairs: Iterable[Any] = (v for v in as_list(arguments[0]) if type(v) in (list, tuple) and len(v) == 2)
    elif len(arguments) % 2:
        raise DtlError("dict takes no argument, one, or as many keys as values")
    else:
        pairs = zip(arguments[::2], arguments[1::2], strict=True)
    return {name: value for name, value in pairs if type(name) is str}


@dictionaries.expression(
    "has-key",
    "KEY(value-expression{1}) VALUES(value-expression{1})",
    fast="{0} in {1} if type({1}) is dict and type({0}) is str else {slow}",
    examples=[
        Example(["has-key", "oak", {"oak": None}], True),
        Example(["has-key", "oak", ["list", {"elm": 1}, {"oak": 1}]], False),
        Example(["has-key", "oak", "oak"], None),
    ],
)
def has_key(name: Value, values: Value) -> bool | None:
    """Whether a dict has that very key, even with a null value; of a list its first element is asked; null for no dict."""
    single = first(values)
    if type(single) is not dict:
        return None
    return type(name) is str and name in single


@dictionaries.expression(
    "is-dict",
    "VALUES(value-expression{1})",
    returns="boolean",
    examples=[Example(["is-dict", {}], True), Example(["is-dict", ["list", 1, {}]], False)],
)
def is_dict(values: Value) -> bool:
    """True for a dict, and for a list whose first element is one."""
    return type(first(values)) is dict


def _pairs(values: Value) -> Iterator[tuple[str, Value]]:
    """The pairs of a dict, or of the dicts in a list."""
    for value in as_list(values):
        if type(value) is dict:
            yield from value.items()


@dictionaries.expression(
    "items",
    "DICTS(value-expression{1})",
    returns="list",
    accepts=kinds.DICT,
    examples=[
        Example(["items", ["list", {"oak": 1, "elm": None}, 5, {"oak": 2}]], [["oak", 1], ["elm", None], ["oak", 2]])
    ],
)
def items(values: Value) -> list[list[Value]]:
    """The pairs of all dicts as lists of key and value; values that are no dicts are left out."""
    return [[name, value] for name, value in _pairs(values)]


@dictionaries.expression(
    "key-values",
    "DICTS(value-expression{1})",
    accepts=kinds.DICT,
    gives=kinds.DICT,
    examples=[
        Example(["key-values", {"oak": 1, "elm": 2}], [{"key": "oak", "value": 1}, {"key": "elm", "value": 2}]),
        Example(["key-values", {"oak": 1}], {"key": "oak", "value": 1}),
        Example(["key-values", ["list", {"oak": 1}]], [{"key": "oak", "value": 1}]),
    ],
)
def key_values(values: Value) -> Value:
    """The pairs of all dicts as `{"key": key, "value": value}`; values that are no dicts are left out.

    The single pair of a dict that is not in a list comes without a list around it.
    """
    found = [{"key": name, "value": value} for name, value in _pairs(values)]
    if type(values) is list:
        return found
    if type(values) is not dict:
        return None
    return found[0] if len(found) == 1 else found


@dictionaries.expression(
    "keys",
    "DICTS(value-expression{1})",
    returns="list",
    accepts=kinds.DICT,
    gives=kinds.STRING,
    examples=[Example(["keys", ["list", {"oak": 1, "elm": 2}, 5, {"oak": 3}]], ["oak", "elm", "oak"])],
)
def keys(values: Value) -> list[str]:
    """The keys of all dicts; values that are no dicts are left out."""
    return [name for name, _ in _pairs(values)]


@dictionaries.expression(
    "values",
    "DICTS(value-expression{1})",
    returns="list",
    accepts=kinds.DICT,
    examples=[Example(["values", ["list", {"oak": 1, "elm": None}, 5, {"oak": [3]}]], [1, None, [3]])],
)
def values_(values: Value) -> list[Value]:
    """The values of all dicts, lists among them as they are; values that are no dicts are left out."""
    return [value for _, value in _pairs(values)]


@dictionaries.expression(
    "apply-ns",
    "NAMESPACE_OR_CONFIGDICT(value{1}) VALUES(value-expression{1})",
    flags={"namespaces"},
    examples=[
        Example(
            ["apply-ns", "erp", {"_id": "7", "name": "oak", "lines": [{"erp:n": 1}]}],
            {"_id": "erp:7", "erp:name": "oak", "erp:lines": [{"erp:n": 1}]},
        ),
        Example(
            [
                "apply-ns",
                {"property_namespace": "erp", "identity_namespace": None},
                {"_id": "7", "$a": {"n": 1}, "n": {"n": 2}},
            ],
            {"_id": "7", "$a": {"n": 1}, "erp:n": {"erp:n": 2}},
        ),
    ],
)
def apply_ns(namespaces: Namespaces, config: Value, values: Value) -> Value:
    """Dicts, and the dicts in them, with a namespace before each key, and before the value of `_id`.

    The first argument is the namespace for both, or a dict of `property_namespace` and `identity_namespace` (the pipe's by
    default; null for none) and of `skip_underscore`, `skip_dollar` and `recursive` (true by default): whether keys that start
    with `_` or `$` stay as they are with all that is in them, and whether dicts in dicts are treated. Keys and ids that have
    the namespace already stay.
    """
    if type(config) is str:
        return _Prefixes(config, config).of(values)
    if type(config) is not dict:
        raise DtlError(f"apply-ns needs a namespace or a dict of settings, not {kind_name(config)}")
    return _Prefixes(
        config.get("property_namespace", namespaces.property),
        config.get("identity_namespace", namespaces.identity),
        skipped=tuple(sign for sign, name in _SKIPS.items() if config.get(name, True) is not False),
        recursive=config.get("recursive", True) is not False,
    ).of(values)


_SKIPS = {"_": "skip_underscore", "$": "skip_dollar"}


class _Prefixes:
    """What to put before keys (`of_keys`) and ids (`of_ids`); None for nothing."""

    def __init__(
        self,
        of_keys: str | None,
        of_ids: str | None,
        *,
        skipped: tuple[str, ...] = tuple(_SKIPS),
        recursive: bool = True,
    ) -> None:
        self._of_keys = of_keys
        self._of_ids = of_ids
        self._skipped = skipped
        self._recursive = recursive

    def of(self, value: Value) -> Value:
        """The value with prefixes in all its dicts."""
        if type(value) is list:
            return [self.of(element) for element in value]
        if type(value) is not dict:
            return value
        return {self._key(name): self._content(name, content) for name, content in value.items()}

    def _key(self, name: str) -> str:
        return name if name.startswith(self._skipped) else _prefixed(name, self._of_keys)

    def _content(self, name: str, content: Value) -> Value:
        if name == "_id":
            return _prefixed(content, self._of_ids) if type(content) is str else content
        if self._recursive and not name.startswith(self._skipped):
            return self.of(content)
        return content


def _prefixed(name: str, namespace: str | None) -> str:
    return name if namespace is None or name.startswith(f"{namespace}:") else f"{namespace}:{name}"


@dictionaries.expression(
    "strip-ns",
    "VALUES(value-expression{1})",
    examples=[
        Example(["strip-ns", {"erp:lines": [{"a:b:n": 1}], "_id": "erp:7"}], {"lines": [{"n": 1}], "_id": "erp:7"})
    ],
)
def strip_ns(values: Value) -> Value:
    """Dicts, and the dicts in them, with keys that start after their last colon; of keys that become equal the last wins."""
    if type(values) is list:
        return [strip_ns(value) for value in values]
    if type(values) is not dict:
        return values
    return {name.rpartition(":")[2]: strip_ns(value) for name, value in values.items()}
