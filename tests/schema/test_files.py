"""The schema files serve any validator, and say the same to all of them as to the fast check."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import yaml
from referencing import Registry, Resource

from dataflow import schema
from dataflow.expect.spec import KEYS
from dataflow.schema import files
from dataflow.schema.reading import noun
from dataflow.source import parse_json

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).parents[2]
NAMES = ("common", *schema.NOUNS, *schema.OTHERS)
REGISTRY: Registry[Any] = Registry().with_resources(
    (files.read(name)["$id"], Resource.from_contents(files.read(name))) for name in NAMES
)
VALIDATORS = {name: jsonschema.Draft202012Validator(files.read(name), registry=REGISTRY) for name in NAMES}


def own_files(pattern: str) -> list[Path]:
    found = sorted(REPOSITORY.glob(pattern))
    assert found
    return found


def components() -> list[tuple[str, Any]]:
    """Everything of this repository's package that has a schema of JSON."""
    return [
        *(("pipe", json.loads(path.read_text("utf-8"))) for path in own_files("pipes/*.conf.json")),
        *(("system", json.loads(path.read_text("utf-8"))) for path in own_files("systems/*.conf.json")),
        ("metadata", json.loads((REPOSITORY / "node-metadata.conf.json").read_text("utf-8"))),
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_a_schema_with_an_address(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(files.read(name))
    assert files.read(name)["$id"].endswith(f"/schema/{name}.json")
    assert files.read(name)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_there_is_no_other_file() -> None:
    assert {path.stem for path in Path(files.__file__).parent.glob("*.json")} == set(NAMES)


@pytest.mark.parametrize("name", schema.NOUNS)
def test_every_property_is_described(name: str) -> None:
    def objects(node: Any) -> Iterator[dict[str, Any]]:
        if type(node) is dict:
            yield node.get("properties", {})
            # What stands behind a condition only refers to something described elsewhere.
            node = [one for key, one in node.items() if key not in ("if", "then", "else")]
        for one in node if type(node) is list else ():
            yield from objects(one)

    properties = [item for one in objects(files.read(name)) for item in one.items() if type(item[1]) is dict]
    assert len(properties) > 10
    assert [key for key, one in properties if not one.get("description")] == []


@pytest.mark.parametrize("name", ["pipe", "system", "transform"])
def test_a_bundle_needs_no_other_document(name: str) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(json.dumps(schema.bundled(name))))
    for found, component in components():
        if found == name:
            assert list(validator.iter_errors(component)) == []
    assert not validator.is_valid({"_id": "x", "type": name, "sink": {"type": "nowhere"}, "operations": {"a": {}}})


def test_a_schema_that_refers_to_none_is_its_own_bundle() -> None:
    assert schema.bundled("env") == files.read("env")
    assert set(schema.bundled("operation")["$defs"]) == {"common.json"}


def test_this_package_is_valid() -> None:
    everything = components()
    assert len(everything) > 100
    everything += [("test-spec", json.loads(path.read_text("utf-8"))) for path in own_files("expected/*.test.json")]
    everything += [("env", json.loads(path.read_text("utf-8"))) for path in own_files("*-env.json")]
    mappings = [path for path in own_files("pipes/mappings/*.yaml") if path.name != "classification.yaml"]
    everything += [("mapping", yaml.safe_load(path.read_text("utf-8"))) for path in mappings]
    for name, value in everything:
        assert list(VALIDATORS[name].iter_errors(value)) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("test-spec", {"blacklist": "a"}),
        ("test-spec", {"blackist": []}),
        ("env", []),
        ("env", {"a(b)": 1}),
        ("mapping", {"concept": "x", "tie": "webcrm", "members": {}}),
        ("mapping", {"concept": "x", "tie": "crm", "members": {}, "flows": []}),
        ("mapping", {"concept": "x", "tie": "webcrm", "members": {"webcrm-x": {"type": "x"}}, "flows": []}),
    ],
)
def test_what_is_wrong_in_other_files(name: str, value: Any) -> None:
    assert not VALIDATORS[name].is_valid(value)


def test_the_schema_of_test_specs_knows_the_keys_that_are_read() -> None:
    described = {
        "string": "a string",
        "object": "an object",
        "boolean": "true or false",
        "array": "a list of strings",
        None: "anything",
    }
    properties = files.read("test-spec")["properties"]
    assert {key: described[one.get("type")] for key, one in properties.items()} == KEYS


_STRANGE: list[Any] = [None, True, 7, 2.5, "x", "$ENV(x)", "~f1", [], ["x"], [1], {}, {"x": 1}, {"type": "rest"}]


def _mutants(value: Any, chance: random.Random, number: int) -> list[Any]:
    """Copies of a component with one key dropped, added, misspelt, or given another value."""
    places: list[tuple[Any, ...]] = []

    def walk(part: Any, path: tuple[Any, ...]) -> None:
        # DTL is no matter of the schemas.
        if "rules" in path or "entities" in path:
            return
        places.append(path)
        inner = part.items() if type(part) is dict else enumerate(part) if type(part) is list else ()
        for key, one in inner:
            walk(one, (*path, key))

    walk(value, ())
    found = []
    for _ in range(number):
        mutant = copy.deepcopy(value)
        path = chance.choice(places[1:])
        owner = mutant
        for key in path[:-1]:
            owner = owner[key]
        action = chance.randrange(4)
        if action == 0 or type(owner) is list:
            owner[path[-1]] = chance.choice(_STRANGE)
        elif action == 1:
            del owner[path[-1]]
        elif action == 2:
            owner[path[-1] + "s"] = owner.pop(path[-1])
        else:
            owner[chance.choice(["type", "system", "url", "batch_size", "method", "comment", "port"])] = chance.choice(
                _STRANGE
            )
        found.append(mutant)
    return found


def _examples() -> list[tuple[str, Any]]:
    chance = random.Random(6)
    chosen = chance.sample(components(), 25)
    kinds = [
        (name, {"type": kind, "_id": "x"} if name == "system" else {"type": kind})
        for name in ("source", "transform", "sink", "system")
        for kind in schema.types(name)
    ]
    return [(name, one) for name, value in [*chosen, *kinds] for one in _mutants(value, chance, 6)]


def test_the_fast_check_agrees_with_a_full_validator() -> None:
    document = parse_json("{}")
    examples = _examples()
    outcomes = set()
    for name, value in examples:
        findings = [one for one in schema.check(name, value, document) if one.code != "DF208"]
        valid = VALIDATORS[name].is_valid(value)
        assert valid is (not findings), (name, value, findings)
        outcomes.add(valid)
    assert len(examples) > 500
    assert outcomes == {True, False}


def test_a_form_that_is_not_understood_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    strange = {"type": "object", "properties": {"a": {"oneOf": []}}}
    monkeypatch.setattr(files, "read", lambda _: strange)
    noun.cache_clear()
    try:
        with pytest.raises(ValueError, match="do not use oneOf"):
            noun("pump")
    finally:
        noun.cache_clear()
