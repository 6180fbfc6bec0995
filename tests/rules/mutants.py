"""Single faults, made on purpose in packages that are right: what people get wrong in a configuration, kind by kind.

A kind is a function that finds the places where its fault can be made and says, for each, what to change. `mutate` makes one of
them.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from dataflow import schema
from dataflow.canonical import config_text
from dataflow.schema.reading import noun as shape_of
from dataflow.source import escaped

if TYPE_CHECKING:
    import random

# The files of a package: those that are JSON by value, made with `config_text`.
Package = dict[str, Any]


class Site(NamedTuple):
    """One place where a fault can be made: the file, the pointer that is then wrong, and the change of the file's value."""

    path: str
    pointer: str
    change: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A faulty file: `text` (None: it is gone) stands at `path`; what is wrong is at `pointer`, or at `line` when it is no JSON."""

    kind: str
    path: str
    pointer: str | None
    line: int | None
    text: bytes | None


Kind = Callable[["Package", "random.Random"], Iterator[Site]]
KINDS: dict[str, Kind] = {}
TEXT_KINDS: dict[str, Callable[[str, random.Random], tuple[bytes, int] | None]] = {}


def kind(function: Kind) -> Kind:
    KINDS[function.__name__.replace("_", " ").strip()] = function
    return function


def mutate(package: Package, name: str, chance: random.Random) -> Mutant | None:
    """One fault of a kind, somewhere; None when the package has no place for it."""
    if name in TEXT_KINDS:
        return _text_mutant(package, name, chance)
    sites = list(KINDS[name](package, chance))
    if not sites:
        return None
    site = chance.choice(sites)
    value = site.change(copy.deepcopy(package.get(site.path)))
    text = None if value is None else config_text(value).encode("utf-8")
    return Mutant(name, site.path, site.pointer, None, text)


# --- finding places --------------------------------------------------------------------------------------------------


def at(value: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        value = value[int(key)] if type(value) is list else value[key]
    return value


def put(pointer: str, make: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Replaces the value at a pointer by what `make` makes of it."""

    def change(value: Any) -> Any:
        owner, _, last = pointer.rpartition("/")
        inside = at(value, owner)
        key = last.replace("~1", "/").replace("~0", "~")
        index: Any = int(key) if type(inside) is list else key
        inside[index] = make(inside[index])
        return value

    return change


def drop(pointer: str) -> Callable[[Any], Any]:
    def change(value: Any) -> Any:
        owner, _, last = pointer.rpartition("/")
        inside = at(value, owner)
        key = last.replace("~1", "/").replace("~0", "~")
        del inside[int(key) if type(inside) is list else key]
        return value

    return change


def walk(value: Any, pointer: str = "", *, dtl: bool = False) -> Iterator[tuple[str, Any]]:
    """Every value in a component with its pointer; DTL and embedded entities only when they are asked for."""
    yield pointer, value
    inner = value.items() if type(value) is dict else enumerate(value) if type(value) is list else ()
    for key, one in inner:
        if dtl or key not in ("rules", "entities", "properties", "payload", "metadata"):
            yield from walk(one, f"{pointer}/{escaped(key)}", dtl=dtl)


def pipes(package: Package) -> Iterator[tuple[str, Any]]:
    return ((path, value) for path, value in package.items() if path.startswith("pipes/"))


def systems(package: Package) -> Iterator[tuple[str, Any]]:
    return ((path, value) for path, value in package.items() if path.startswith("systems/"))


def components(package: Package) -> Iterator[tuple[str, str, Any]]:
    yield from (("pipe", path, value) for path, value in pipes(package))
    yield from (("system", path, value) for path, value in systems(package))


def effective(pointer: str) -> bool:
    """Whether a part takes effect in the profile that is tested: what is wrong elsewhere is another matter."""
    return "/alternatives/" not in pointer or "/alternatives/test" in pointer


def calls(package: Package) -> Iterator[tuple[str, str, list[Any]]]:
    """Path, pointer and array of every call of DTL."""
    for path, value in pipes(package):
        for pointer, node in walk(value, dtl=True):
            called = type(node) is list and node and type(node[0]) is str
            if called and "/rules/" in pointer and effective(pointer) and not re.search(r"/datasets$", pointer):
                yield path, pointer, node


def hops(package: Package) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, pointer, node in calls(package):
        for index, spec in enumerate(node[1:], 1):
            if node[0] in ("hops", "apply-hops") and type(spec) is dict:
                yield path, f"{pointer}/{index}", spec


def misspelt(word: str, chance: random.Random) -> str:
    """A word with two letters exchanged, one left out, or one doubled."""
    if len(word) < 3:
        return word + "x"
    place = chance.randrange(1, len(word) - 1)
    choices = [
        word[:place] + word[place + 1] + word[place] + word[place + 2 :],
        word[:place] + word[place + 1 :],
        word[:place] + word[place] + word[place:],
    ]
    found = [one for one in choices if one != word]
    return chance.choice(found or [word + "x"])


# --- shape of components ---------------------------------------------------------------------------------------------


def _typed(package: Package) -> Iterator[tuple[str, str, dict[str, Any], Any]]:
    """Path, pointer, object and shape of every object whose properties the schemas know."""
    for noun, path, value in components(package):
        yield path, "", value, shape_of(noun).of(value)
        if noun == "system":
            for name, one in value.get("operations", {}).items():
                yield path, f"/operations/{escaped(name)}", one, shape_of("operation").of(one)
            continue
        for part in ("source", "sink", "pump"):
            if type(value.get(part)) is dict:
                yield path, f"/{part}", value[part], shape_of(part).of(value[part])
        for pointer, one in walk(value.get("transform"), "/transform"):
            if type(one) is dict and one.get("type") in schema.types("transform") and effective(pointer):
                yield path, pointer, one, shape_of("transform").of(one)


@kind
def misspelt_key(package: Package, chance: random.Random) -> Iterator[Site]:
    for path, pointer, owner, shape in _typed(package):
        for key in owner:
            wrong = misspelt(key, chance)
            if key in shape.known and wrong not in owner and wrong not in shape.known:

                def change(value: Any, pointer: str = pointer, key: str = key, wrong: str = wrong) -> Any:
                    inside = at(value, pointer)
                    inside[wrong] = inside.pop(key)
                    return value

                yield Site(path, f"{pointer}/{escaped(wrong)}", change)


@kind
def wrong_type(package: Package, chance: random.Random) -> Iterator[Site]:
    strange: list[Any] = [7, 1.5, True, "text", [], {}, None]
    for path, pointer, owner, shape in _typed(package):
        for key in owner:
            allowed = shape.known.get(key)
            if allowed is None or key == "type":
                continue
            wrong = [
                one
                for one in strange
                if type(one) not in allowed.kinds and not (type(one) is int and float in allowed.kinds)
            ]
            if wrong:
                chosen = chance.choice(wrong)
                yield Site(path, f"{pointer}/{escaped(key)}", put(f"{pointer}/{escaped(key)}", lambda _, c=chosen: c))


@kind
def dropped_required_key(package: Package, _: random.Random) -> Iterator[Site]:
    for path, pointer, owner, shape in _typed(package):
        for need in shape.needs:
            for option in need.options:
                if len(need.options) == 1 and len(option) == 1 and option[0] in owner and not need.given:
                    yield Site(path, f"{pointer}/{option[0]}", drop(f"{pointer}/{option[0]}"))


@kind
def unknown_type(package: Package, chance: random.Random) -> Iterator[Site]:
    for path, pointer, owner, shape in _typed(package):
        if type(owner.get("type")) is str and "type" in shape.known:
            yield Site(path, f"{pointer}/type", put(f"{pointer}/type", lambda word: misspelt(word, chance)))


@kind
def unknown_choice(package: Package, chance: random.Random) -> Iterator[Site]:
    for path, pointer, owner, shape in _typed(package):
        for key, value in owner.items():
            allowed = shape.known.get(key)
            if allowed is not None and allowed.choice and type(value) is str and key != "type" and "$" not in value:
                yield Site(path, f"{pointer}/{key}", put(f"{pointer}/{key}", lambda word: misspelt(word, chance)))


@kind
def number_out_of_range(package: Package, _: random.Random) -> Iterator[Site]:
    for path, pointer, owner, shape in _typed(package):
        for key, value in owner.items():
            allowed = shape.known.get(key)
            if allowed is not None and allowed.least is not None and type(value) is int:
                yield Site(path, f"{pointer}/{key}", put(f"{pointer}/{key}", lambda _: -1))


@kind
def renamed_component(package: Package, chance: random.Random) -> Iterator[Site]:
    for _, path, _value in components(package):
        yield Site(path, "/_id", put("/_id", lambda word: misspelt(word, chance)))


@kind
def component_of_another(package: Package, _: random.Random) -> Iterator[Site]:
    for _noun, path, value in components(package):
        folder, _slash, file = path.partition("/")
        yield Site(f"{folder}/zz/{file}", "/_id", lambda _, value=value: copy.deepcopy(value))


@kind
def slash_in_an_id(package: Package, _: random.Random) -> Iterator[Site]:
    for _noun, path, _value in components(package):
        yield Site(path, "/_id", put("/_id", lambda word: word.replace("-", "/", 1) if "-" in word else f"a/{word}"))


# --- references ------------------------------------------------------------------------------------------------------


@kind
def renamed_source_dataset(package: Package, chance: random.Random) -> Iterator[Site]:
    for path, value in pipes(package):
        if value.get("source", {}).get("type") == "dataset":
            yield Site(path, "/source/dataset", put("/source/dataset", lambda word: misspelt(word, chance)))


@kind
def renamed_merged_dataset(package: Package, chance: random.Random) -> Iterator[Site]:
    def change(word: str) -> str:
        name, _, alias = word.partition(" ")
        return f"{misspelt(name, chance)} {alias}".strip()

    for path, value in pipes(package):
        datasets = value.get("source", {}).get("datasets")
        for index in range(len(datasets) if type(datasets) is list else 0):
            pointer = f"/source/datasets/{index}"
            yield Site(path, pointer, put(pointer, change))


@kind
def renamed_hops_dataset(package: Package, chance: random.Random) -> Iterator[Site]:
    def change(word: str) -> str:
        name, _, alias = word.partition(" ")
        return f"{misspelt(name, chance)} {alias}"

    for path, pointer, spec in hops(package):
        for index in range(len(spec["datasets"])):
            yield Site(path, f"{pointer}/datasets/{index}", put(f"{pointer}/datasets/{index}", change))


@kind
def renamed_awaited_dataset(package: Package, chance: random.Random) -> Iterator[Site]:
    for path, value in pipes(package):
        for pointer, one in walk(value):
            listed = re.search(r"(exclude_completeness|initial_completeness)/\d+$", pointer)
            if listed and type(one) is str:
                yield Site(path, pointer, put(pointer, lambda word: misspelt(word, chance)))


@kind
def renamed_sink_dataset(package: Package, chance: random.Random) -> Iterator[Site]:
    for path, value in pipes(package):
        if type(value.get("sink", {}).get("dataset")) is str:
            yield Site(path, "/sink/dataset", put("/sink/dataset", lambda word: misspelt(word, chance)))


@kind
def dataset_of_another_pipe(package: Package, chance: random.Random) -> Iterator[Site]:
    names = sorted(value["_id"] for _, value in pipes(package))
    for path, value in pipes(package):
        if value.get("sink", {}).get("type") == "dataset":
            other = chance.choice([name for name in names if name != value["_id"]])
            yield Site(path, "/sink/dataset", _with("/sink", dataset=other))


def _with(pointer: str, **properties: Any) -> Callable[[Any], Any]:
    def change(value: Any) -> Any:
        at(value, pointer).update(properties)
        return value

    return change


@kind
def renamed_system(package: Package, chance: random.Random) -> Iterator[Site]:
    for path, value in pipes(package):
        for pointer, one in walk(value):
            if pointer.endswith("/system") and type(one) is str:
                yield Site(path, pointer, put(pointer, lambda word: misspelt(word, chance)))


@kind
def renamed_operation(package: Package, chance: random.Random) -> Iterator[Site]:
    for path, value in pipes(package):
        for pointer, one in walk(value):
            if pointer.endswith("/operation") and type(one) is str and "{" not in one:
                yield Site(path, pointer, put(pointer, lambda word: misspelt(word, chance)))


def _variables(package: Package) -> Iterator[tuple[str, str, str]]:
    for _, path, value in components(package):
        for pointer, one in walk(value, dtl=True):
            if type(one) is str and "$ENV(" in one and effective(pointer):
                yield path, pointer, one


@kind
def renamed_variable(package: Package, chance: random.Random) -> Iterator[Site]:
    def change(text: str) -> str:
        return re.sub(r"\$ENV\(([^)]*)\)", lambda found: f"$ENV({misspelt(found[1], chance)})", text, count=1)

    for path, pointer, _ in _variables(package):
        yield Site(path, pointer, put(pointer, change))


@kind
def malformed_variable(package: Package, chance: random.Random) -> Iterator[Site]:
    def change(text: str) -> str:
        wrong = chance.choice([r"$ENV\1", r"${ENV(\1)}", r"$env(\1)", r"$ENV[\1]"])
        return re.sub(r"\$ENV\(([^)]*)\)", wrong, text, count=1)

    for path, pointer, _ in _variables(package):
        yield Site(path, pointer, put(pointer, change))


@kind
def variable_without_a_value(package: Package, _: random.Random) -> Iterator[Site]:
    profile = package.get("test-env.json", {})
    for path, pointer, text in _variables(package):
        name = re.search(r"\$ENV\(([^)]*)\)", text)
        if name is not None and name[1] in profile:
            # The profile is what is wrong; whoever needs the variable is where it shows.
            yield Site("test-env.json", f"{path}#{pointer}", drop(f"/{name[1]}"))


@kind
def alternative_of_another_name(package: Package, chance: random.Random) -> Iterator[Site]:
    for path, value in pipes(package):
        for pointer, one in walk(value):
            if type(one) is dict and one.get("type") == "conditional" and "test" in one.get("alternatives", {}):

                def change(value: Any, pointer: str = pointer) -> Any:
                    alternatives = at(value, pointer)["alternatives"]
                    alternatives[misspelt("test", chance)] = alternatives.pop("test")
                    return value

                yield Site(path, f"{pointer}/alternatives", change)


@kind
def spec_of_no_pipe(package: Package, chance: random.Random) -> Iterator[Site]:
    for path in package:
        if path.endswith(".test.json"):
            name = misspelt(path.removeprefix("expected/").removesuffix(".test.json"), chance)
            yield Site(path, "/pipe", lambda value, name=name: {**value, "pipe": name})


@kind
def misspelt_key_of_a_spec(package: Package, chance: random.Random) -> Iterator[Site]:
    for path in package:
        if path.endswith(".test.json"):
            wrong = misspelt("blacklist", chance)
            yield Site(path, f"/{wrong}", lambda value, wrong=wrong: {**value, wrong: []})


@kind
def expected_file_that_is_gone(package: Package, _: random.Random) -> Iterator[Site]:
    for path in package:
        if path.startswith("expected/") and path.endswith(".test.json"):
            yield Site(path.replace(".test.json", ".json"), f"{path}#", lambda _: None)


@kind
def spec_that_is_gone(package: Package, _: random.Random) -> Iterator[Site]:
    for path in package:
        if path.endswith(".test.json"):
            yield Site(path, f"{path.replace('.test.json', '.json')}#", lambda _: None)


# --- DTL -------------------------------------------------------------------------------------------------------------

_OPEN = frozenset(
    {
        "list",
        "concat",
        "and",
        "or",
        "coalesce-args",
        "combine",
        "case",
        "case-eq",
        "dict",
        "comment",
        "discard",
        "filter",
    }
)


@kind
def misspelt_function(package: Package, chance: random.Random) -> Iterator[Site]:
    for path, pointer, _node in calls(package):
        yield Site(path, f"{pointer}/0", put(f"{pointer}/0", lambda word: misspelt(word, chance) + "q"))


@kind
def argument_left_out(package: Package, _: random.Random) -> Iterator[Site]:
    for path, pointer, node in calls(package):
        if node[0] in _FIXED and len(node) - 1 == _FIXED[node[0]]:
            yield Site(path, pointer, drop(f"{pointer}/{len(node) - 1}"))


@kind
def argument_too_many(package: Package, _: random.Random) -> Iterator[Site]:
    for path, pointer, node in calls(package):
        if node[0] in _FIXED and len(node) - 1 == _FIXED[node[0]]:
            yield Site(path, pointer, put(pointer, lambda node: [*node, "x"]))


# Functions and transforms that take exactly so many arguments.
_FIXED = {
    "add": 2,
    "rename": 2,
    "eq": 2,
    "neq": 2,
    "is-null": 1,
    "is-not-null": 1,
    "is-empty": 1,
    "lower": 1,
    "upper": 1,
    "string": 1,
}


@kind
def misspelt_rule(package: Package, chance: random.Random) -> Iterator[Site]:
    for path, pointer, node in calls(package):
        if node[0] in ("apply", "apply-hops") and type(node[1]) is str:
            yield Site(path, f"{pointer}/1", put(f"{pointer}/1", lambda word: misspelt(word, chance)))


@kind
def rule_of_another_name(package: Package, chance: random.Random) -> Iterator[Site]:
    """The rule is renamed where it stands, and not where it is applied."""
    for path, pointer, node in calls(package):
        if node[0] in ("apply", "apply-hops") and type(node[1]) is str:
            rules = pointer[: pointer.index("/rules/") + len("/rules")]

            def change(value: Any, rules: str = rules, name: str = node[1]) -> Any:
                inside = at(value, rules)
                inside[misspelt(name, chance)] = inside.pop(name)
                return value

            yield Site(path, f"{pointer}/1", change)


@kind
def rule_without_default(package: Package, _: random.Random) -> Iterator[Site]:
    for path, value in pipes(package):
        for pointer, one in walk(value, dtl=True):
            if pointer.endswith("/rules") and type(one) is dict and effective(pointer):

                def change(value: Any, pointer: str = pointer) -> Any:
                    inside = at(value, pointer)
                    inside["main"] = inside.pop("default")
                    return value

                yield Site(path, f"{pointer}/default", change)


@kind
def transform_for_an_expression(package: Package, _: random.Random) -> Iterator[Site]:
    for path, pointer, node in calls(package):
        if node[0] == "add" and len(node) == 3:
            yield Site(path, f"{pointer}/2/0", put(f"{pointer}/2", lambda _: ["remove", "x"]))


@kind
def expression_for_a_transform(package: Package, _: random.Random) -> Iterator[Site]:
    for path, pointer, node in calls(package):
        if node[0] == "add" and len(node) == 3:
            yield Site(path, f"{pointer}/0", put(pointer, lambda _: ["upper", "_S.x"]))


@kind
def hops_without_a_join(package: Package, _: random.Random) -> Iterator[Site]:
    for path, pointer, spec in hops(package):
        if "where" in spec:
            yield Site(path, f"{pointer}/where", drop(f"{pointer}/where"))


@kind
def join_with_a_constant(package: Package, _: random.Random) -> Iterator[Site]:
    for path, pointer, spec in hops(package):
        for index, part in enumerate(spec.get("where", ())):
            if type(part) is list and part[:1] == ["eq"] and index == 0:
                here = f"{pointer}/where/{index}"
                side = 1 if not _mentions_source(part[2]) else 2
                yield Site(path, here, put(f"{here}/{side}", lambda _: "x"))


def _mentions_source(node: Any) -> bool:
    return "_S." in json.dumps(node) or "_." in json.dumps(node)


@kind
def misspelt_key_of_hops(package: Package, chance: random.Random) -> Iterator[Site]:
    for path, pointer, spec in hops(package):
        for key in spec:
            wrong = misspelt(key, chance)

            def change(value: Any, pointer: str = pointer, key: str = key, wrong: str = wrong) -> Any:
                inside = at(value, pointer)
                inside[wrong] = inside.pop(key)
                return value

            yield Site(path, f"{pointer}/{escaped(wrong)}", change)


@kind
def join_with_another_alias(package: Package, _: random.Random) -> Iterator[Site]:
    for path, pointer, spec in hops(package):
        names = [name.split()[1] for name in spec["datasets"]]
        for key in ("where", "return"):
            for inner, text in walk(spec.get(key), f"{pointer}/{key}", dtl=True):
                head = text.partition(".")[0] if type(text) is str else ""
                if head in names and "." in text:
                    yield Site(path, inner, put(inner, lambda text: "zz." + text.partition(".")[2]))


def _paths(package: Package, head: str) -> Iterator[tuple[str, str, str]]:
    for path, pointer, node in calls(package):
        for index, argument in enumerate(node[1:], 1):
            if type(argument) is str and argument.startswith(head) and len(argument) > len(head):
                yield path, f"{pointer}/{index}", argument


@kind
def variable_of_dtl_misspelt(package: Package, chance: random.Random) -> Iterator[Site]:
    for path, pointer, _ in _paths(package, "_S."):
        wrong = chance.choice(["S.", "_s.", "$S.", "_X."])
        yield Site(path, pointer, put(pointer, lambda text, wrong=wrong: wrong + text[3:]))


@kind
def path_for_a_name(package: Package, _: random.Random) -> Iterator[Site]:
    for path, pointer, node in calls(package):
        if node[0] in ("add", "rename", "remove") and type(node[1]) is str and "*" not in node[1]:
            yield Site(path, f"{pointer}/1", put(f"{pointer}/1", lambda name: f"_T.{name}"))


@kind
def property_of_the_target_misspelt(package: Package, chance: random.Random) -> Iterator[Site]:
    for path, pointer, text in _paths(package, "_T."):
        rule = pointer[: re.search(r"/rules/[^/]+", pointer).end()]  # type: ignore[union-attr]
        name = text[3:].partition(".")[0]
        if name[:1] not in "_$" and not _writes_anything(at(package[path], rule)):
            yield Site(path, pointer, put(pointer, lambda text: "_T." + misspelt(text[3:], chance) + "q"))


def _writes_anything(body: Any) -> bool:
    text = json.dumps(body)
    return any(word in text for word in ('["copy", "*"', '["merge"', '["merge-union"'))


@kind
def arguments_swapped(package: Package, _: random.Random) -> Iterator[Site]:
    names = ("datetime-parse", "datetime-format", "matches", "split", "ni", "substring")
    for path, pointer, node in calls(package):
        if node[0] in names and len(node) == 3 and "_S." in json.dumps(node[2]) and type(node[2]) is str:
            yield Site(path, pointer, put(pointer, lambda node: [node[0], node[2], node[1]]))


@kind
def join_of_different_types(package: Package, _: random.Random) -> Iterator[Site]:
    for path, pointer, node in calls(package):
        if (
            node[0] == "eq"
            and len(node) == 3
            and type(node[1]) is str
            and type(node[2]) is str
            and "/where/" in pointer
        ):
            yield Site(path, pointer, put(pointer, lambda node: ["eq", ["integer", node[1]], ["string", node[2]]]))


@kind
def join_of_different_namespaces(package: Package, _: random.Random) -> Iterator[Site]:
    for path, pointer, node in calls(package):
        if (
            node[0] == "eq"
            and len(node) == 3
            and type(node[1]) is str
            and type(node[2]) is str
            and "/where/" in pointer
        ):
            yield Site(path, pointer, put(pointer, lambda node: ["eq", ["ni", "a", node[1]], ["ni", "b", node[2]]]))


@kind
def apply_for_apply_hops(package: Package, _: random.Random) -> Iterator[Site]:
    """A rule with hops that is applied without `-hops`."""
    for path, pointer, node in calls(package):
        if node[0] == "apply" and type(node[1]) is str:
            rules = pointer[: pointer.index("/rules/") + len("/rules")]

            def change(value: Any, rules: str = rules, name: str = node[1]) -> Any:
                spec = {
                    "datasets": [f"{value['_id']} q"],
                    "where": [["eq", "_S._id", "q._id"]],
                    "track-dependencies": False,
                }
                body = at(value, rules)[name]
                body.append(["add", "found", ["hops", spec]])
                return value

            yield Site(path, pointer, change)


@kind
def keeps_the_deleted_alone(package: Package, _: random.Random) -> Iterator[Site]:
    for path, value in pipes(package):
        for pointer, one in walk(value, dtl=True):
            if pointer.endswith("/rules/default") and type(one) is list and effective(pointer):
                inverted = ["discard", ["eq", "_S._deleted", True]]
                yield Site(path, f"{pointer}/0/1", put(pointer, lambda body, new=inverted: [new, *body]))


@kind
def current_value_where_there_is_none(package: Package, _: random.Random) -> Iterator[Site]:
    for path, pointer, node in calls(package):
        if node[0] == "add" and len(node) == 3 and type(node[2]) is str and node[2].startswith("_S."):
            yield Site(path, f"{pointer}/2", put(f"{pointer}/2", lambda text: "_." + text[3:]))


@kind
def value_that_is_ignored(package: Package, _: random.Random) -> Iterator[Site]:
    for path, pointer, node in calls(package):
        if node[0] in ("upper", "lower", "strip") and len(node) == 2:
            yield Site(path, f"{pointer}/1", put(f"{pointer}/1", lambda _: 5))


@kind
def branch_that_is_never_taken(package: Package, _: random.Random) -> Iterator[Site]:
    for path, pointer, node in calls(package):
        if node[0] == "if" and len(node) == 4:
            yield Site(path, f"{pointer}/3", put(f"{pointer}/1", lambda _: True))


@kind
def deprecated_function(package: Package, _: random.Random) -> Iterator[Site]:
    for path, pointer, node in calls(package):
        if node[0] == "add" and len(node) == 3:
            yield Site(path, f"{pointer}/2/0", put(f"{pointer}/2", lambda old: ["ni-collapse", old]))


# --- systems ---------------------------------------------------------------------------------------------------------


@kind
def secret_in_clear_text(package: Package, _: random.Random) -> Iterator[Site]:
    for path, value in systems(package):
        for pointer, one in walk(value, dtl=True):
            if type(one) is str and "$SECRET(" in one and "secret" in pointer.rpartition("/")[2].lower():
                yield Site(path, pointer, put(pointer, lambda _: "hunter2"))


@kind
def secret_in_a_variable(package: Package, _: random.Random) -> Iterator[Site]:
    for path, value in systems(package):
        for pointer, one in walk(value, dtl=True):
            if type(one) is str and "$SECRET(" in one and "secret" in pointer.rpartition("/")[2].lower():
                yield Site(path, pointer, put(pointer, lambda _: "$ENV(node-env)"))


@kind
def certificate_not_verified(package: Package, _: random.Random) -> Iterator[Site]:
    for path, value in systems(package):
        if "verify_ssl" in value:
            yield Site(path, "/verify_ssl", put("/verify_ssl", lambda _: False))
            yield Site(path, "/verify_ssl", drop("/verify_ssl"))


@kind
def without_encryption(package: Package, _: random.Random) -> Iterator[Site]:
    for path, value in systems(package):
        if "url_pattern" in value:
            yield Site(path, "/url_pattern", put("/url_pattern", lambda _: "http://erp.example.com/%s"))


def _operations(package: Package) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, value in systems(package):
        for name, one in value.get("operations", {}).items():
            yield path, f"/operations/{escaped(name)}", one


@kind
def malformed_template(package: Package, chance: random.Random) -> Iterator[Site]:
    for path, pointer, one in _operations(package):
        for inner, text in walk(one, pointer, dtl=True):
            if type(text) is str and "{{" in text:
                wrong = chance.choice([("{{", "{"), ("}}", "}"), ("{{", "{{ |")])
                yield Site(path, inner, put(inner, lambda text, wrong=wrong: text.replace(*wrong, 1)))


@kind
def malformed_status_codes(package: Package, chance: random.Random) -> Iterator[Site]:
    for path, pointer, one in _operations(package):
        if "allowed_status_codes" in one:
            here = f"{pointer}/allowed_status_codes"
            yield Site(path, here, put(here, lambda text: text + chance.choice([", 404", ",4xx", "-"])))


@kind
def method_in_small_letters(package: Package, _: random.Random) -> Iterator[Site]:
    for path, pointer, _one in _operations(package):
        yield Site(path, f"{pointer}/method", put(f"{pointer}/method", str.lower))


@kind
def paging_without_a_link(package: Package, _: random.Random) -> Iterator[Site]:
    for path, pointer, one in _operations(package):
        if "next_page_link" in one and "next_page_termination_strategy" in one:
            yield Site(path, f"{pointer}/next_page_termination_strategy", drop(f"{pointer}/next_page_link"))


# --- data flow -------------------------------------------------------------------------------------------------------


def _shares(package: Package) -> Iterator[tuple[str, Any]]:
    return ((path, value) for path, value in pipes(package) if value["_id"].endswith("-share"))


@kind
def share_with_batches(package: Package, _: random.Random) -> Iterator[Site]:
    for path, value in _shares(package):
        if value.get("batch_size") == 1:
            yield Site(path, "/batch_size", drop("/batch_size"))
            yield Site(path, "/batch_size", put("/batch_size", lambda _: 100))


@kind
def share_that_waits_for_itself(package: Package, _: random.Random) -> Iterator[Site]:
    for path, value in _shares(package):
        if "set_initial_offset" in value.get("sink", {}):
            yield Site(path, "/sink/set_initial_offset", drop("/sink/set_initial_offset"))


@kind
def log_that_is_emptied(package: Package, _: random.Random) -> Iterator[Site]:
    for path, value in _shares(package):
        if "deletion_tracking" in value.get("sink", {}):
            yield Site(path, "/sink/deletion_tracking", drop("/sink/deletion_tracking"))


@kind
def tracking_in_a_share(package: Package, _: random.Random) -> Iterator[Site]:
    shares = dict(_shares(package))
    for path, pointer, spec in hops(package):
        if path in shares and "track-dependencies" in spec:
            yield Site(path, pointer, drop(f"{pointer}/track-dependencies"))


@kind
def trigger_that_never_comes(package: Package, chance: random.Random) -> Iterator[Site]:
    for path, value in pipes(package):
        for pointer, one in walk(value.get("transform"), "/transform"):
            if pointer.endswith("/trigger_on/value") and type(one) is str and effective(pointer):
                yield Site(path, pointer, put(pointer, lambda word: misspelt(word, chance) + "q"))


@kind
def completeness_that_waits_for_itself(package: Package, _: random.Random) -> Iterator[Site]:
    for path, value in pipes(package):
        if "exclude_completeness" in value:
            yield Site(path, "/exclude_completeness", drop("/exclude_completeness"))


@kind
def merge_without_a_version(package: Package, _: random.Random) -> Iterator[Site]:
    for path, value in pipes(package):
        if value.get("source", {}).get("version") == 2:
            yield Site(path, "/source/version", drop("/source/version"))


@kind
def lookup_that_counts_as_a_change(package: Package, _: random.Random) -> Iterator[Site]:
    for path, value in pipes(package):
        for pointer, one in walk(value):
            if pointer.endswith("/side_effects") and one is False:
                yield Site(path, pointer, drop(pointer))


@kind
def namespaces_that_depend_on_the_profile(package: Package, _: random.Random) -> Iterator[Site]:
    for path, value in pipes(package):
        if value.get("source", {}).get("type") == "conditional" and value.get("namespaced_identifiers") is False:
            yield Site(path, "/namespaced_identifiers", drop("/namespaced_identifiers"))


@kind
def namespaces_removed(package: Package, _: random.Random) -> Iterator[Site]:
    for path, value in pipes(package):
        if value.get("sink", {}).get("type") == "dataset":
            yield Site(path, "/remove_namespaces", _with("", remove_namespaces=True))


# --- text ------------------------------------------------------------------------------------------------------------


def text_kind(
    function: Callable[[str, random.Random], tuple[bytes, int] | None],
) -> Callable[[str, random.Random], tuple[bytes, int] | None]:
    TEXT_KINDS[function.__name__.replace("_", " ")] = function
    return function


def _text_mutant(package: Package, name: str, chance: random.Random) -> Mutant | None:
    path = chance.choice(sorted(path for path in package if path.startswith(("pipes/", "systems/"))))
    changed = TEXT_KINDS[name](config_text(package[path]), chance)
    return None if changed is None else Mutant(name, path, None, changed[1], changed[0])


def _somewhere(text: str, pattern: str, chance: random.Random) -> re.Match[str] | None:
    found = list(re.finditer(pattern, text, re.MULTILINE))
    return chance.choice(found) if found else None


def _line(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


@text_kind
def stray_comma(text: str, chance: random.Random) -> tuple[bytes, int] | None:
    found = _somewhere(text, r"\n *[}\]]", chance)
    if found is None:
        return None
    return (text[: found.start()] + "," + text[found.start() :]).encode(), _line(text, found.start())


@text_kind
def missing_comma(text: str, chance: random.Random) -> tuple[bytes, int] | None:
    found = _somewhere(text, r",(?=\n)", chance)
    return (
        None
        if found is None
        else ((text[: found.start()] + text[found.end() :]).encode(), _line(text, found.end()) + 1)
    )


@text_kind
def missing_quote(text: str, chance: random.Random) -> tuple[bytes, int] | None:
    found = _somewhere(text, r'^ *"', chance)
    return (
        None if found is None else ((text[: found.end() - 1] + text[found.end() :]).encode(), _line(text, found.end()))
    )


@text_kind
def comment(text: str, chance: random.Random) -> tuple[bytes, int] | None:
    found = _somewhere(text, r"(?<=[,{\[])(?=\n)", chance)
    return (
        None
        if found is None
        else ((text[: found.end()] + " // why" + text[found.end() :]).encode(), _line(text, found.end()))
    )


@text_kind
def no_number(text: str, chance: random.Random) -> tuple[bytes, int] | None:
    found = _somewhere(text, r"(?<=: )(?:true|false|\d+)(?=,?$)", chance)
    return (
        None
        if found is None
        else ((text[: found.start()] + "NaN" + text[found.end() :]).encode(), _line(text, found.start()))
    )


@text_kind
def repeated_key(text: str, chance: random.Random) -> tuple[bytes, int] | None:
    found = _somewhere(text, r'^ *"[^"]+": (?:"[^"\n]*"|\d+|true|false),\n', chance)
    return None if found is None else ((text[: found.end()] + text[found.start() :]).encode(), _line(text, found.end()))


@text_kind
def cut_off(text: str, chance: random.Random) -> tuple[bytes, int] | None:
    found = _somewhere(text, r",$", chance)
    return None if found is None else (text[: found.start()].encode(), _line(text, found.start()))


@text_kind
def byte_order_mark(text: str, _: random.Random) -> tuple[bytes, int] | None:
    return b"\xef\xbb\xbf" + text.encode(), 1


@text_kind
def another_encoding(text: str, chance: random.Random) -> tuple[bytes, int] | None:
    found = _somewhere(text, r'(?<=: ")', chance)
    if found is None:
        return None
    return text[: found.start()].encode() + b"\xf8" + text[found.start() :].encode(), _line(text, found.start())


@text_kind
def single_quotes(text: str, chance: random.Random) -> tuple[bytes, int] | None:
    found = _somewhere(text, r'^ *"([^"]+)"(?=:)', chance)
    if found is None:
        return None
    start = text.rfind('"', 0, found.start(1))
    return (text[:start] + f"'{found[1]}'" + text[found.end() :]).encode(), _line(text, start)


@text_kind
def two_values(text: str, _: random.Random) -> tuple[bytes, int] | None:
    return (text + "{}\n").encode(), _line(text, len(text))


ALL_KINDS = (*KINDS, *TEXT_KINDS)
