"""The schemas say of every property what the platform's documentation says of it, row by row of its property tables.

`properties.jsonl` has the facts of those tables (hub/documentation/service-configuration, all pages): noun and kind of component,
property, type, default, required and deprecated, as they are printed there. Where a schema says something else, on purpose, it
stands in DEVIATIONS with the reason. To compare with another extract of the tables, name it in DOCUMENTED_PROPERTIES.
"""

import json
import os
import re
from functools import cache
from pathlib import Path

import pytest

from dataflow.schema import NOUNS, files

DATA = Path(__file__).with_suffix("") / "properties.jsonl"
ROWS = [json.loads(line) for line in DATA.read_text("utf-8").splitlines()]
OTHERS = os.environ.get("DOCUMENTED_PROPERTIES")

# Rows that describe entities, or the result of a request, and not a configuration.
NO_CONFIGURATION = {"entity", "token"}
EVERYTHING = "<any url system property>"

ALL = object()
# (noun, kind, property) -> what the schema says instead, and why. ALL stands for every kind.
DEVIATIONS = {
    ("pump", "", "notification_granularity"): {
        "default": ("", "a number of seconds; the default is said to mean never")
    },
    ("sink", "", "type"): {
        "required": ("", "a sink without a type is a dataset sink, as a pipe without a sink has one")
    },
    ("sink", "dataset", "dataset"): {"required": ("", "it has a default, the id of the pipe")},
    ("sink", "replicated_dataset", "dataset"): {"required": ("", "it has a default, the id of the pipe")},
    ("sink", "dataset", "max_entity_bytes_size"): {"type": ("Integer", "its default is a number of bytes")},
    ("sink", "csv_endpoint", "encode_error_strategy"): {"type": ("Enum<String>", "the same in other words")},
    ("sink", "mail", "body_template"): {"required": ("", "body_template_property may stand for it")},
    ("sink", "mail", "subject_template"): {"required": ("", "subject_template_property may stand for it")},
    ("sink", "mail", "recipients"): {"required": ("", "recipients_property may stand for it")},
    ("sink", "sms", "body_template"): {"required": ("", "body_template_property may stand for it")},
    ("sink", "sms", "recipients"): {"required": ("", "recipients_property may stand for it")},
    ("sink", "sms", "recipients_property"): {"required": ("", "it has a default")},
    ("source", "merge", "version"): {"deprecated": (False, "version 1 is deprecated, not the property")},
    ("source", "sql", "table"): {"required": ("", "query may stand for it")},
    ("source", "kafka", "partitions"): {"required": ("", "for Azure Event Hubs alone")},
    ("transform", "http", "url"): {"type": ("String", "the examples have a string")},
    ("transform", "template transform-collect-rest", "operation_lookup"): {
        "required": ("", "it and operation_lookup_delete exclude each other, and examples have neither")
    },
    ("transform", "template transform-collect-rest", "operation_lookup_delete"): {
        "required": ("", "it and operation_lookup exclude each other, and examples have neither")
    },
    ("transform", "template transform-collect-rest", "rest_system"): {
        "required": ("", "only where something is looked up; other examples have none")
    },
    ("system", "system:url", "url_pattern"): {"required": ("", "the deprecated base_url may stand for it")},
    ("system", "system:url", "oauth2"): {
        "type": ("Object", "scope is a list, refresh_window a number, in the examples")
    },
    ("system", "system:url", "tripletex"): {"type": ("Object", "ttl is a number in the example")},
    ("system", "system:ldap", "password"): {"required": ("", "only where username is set")},
    ("system", "system:smtp", "smtp_password"): {"required": ("", "only where smtp_username is set")},
}
# The second row of this name is about the certificate; its prototype has it as verify_ssl.
LDAP = ("system", "system:ldap", "use_ssl", "true")

TYPES = {
    "": None,
    "Array": "array",
    "Array of strings": "array<string>",
    "Array of strings (dataset ids)": "array<string>",
    "Boolean": "boolean",
    "Boolean or Enum<String>": "boolean|choice",
    "Boolean or Object": "boolean|object",
    "Boolean, Dict or an Array of strings": "boolean|object|array",
    "Decimal": "number",
    "Dict": "object<string>",
    "Dict<String,String>": "object<string>",
    "Dict<String,String|Object>": "object",
    "Enum<String>": "choice",
    "Enum<String> or array of Enum<String>": "choice|array<choice>",
    "Float": "number",
    "Integer": "integer",
    "Integer(>=1)": "integer>=1",
    "List": "array<string>",
    "List of ACL elements": "array<array>",
    "List<Entity>": "array<object>",
    "List<EqFunctions{>=0}>": "array",
    "List<Integer>": "array<integer>",
    "List<List<ValueExpressions>{>0}>": "array<array>",
    "List<Object>": "array<object>",
    "List<String>": "array<string>",
    "List<String> or String": "string|array<string>",
    "List<String{>=0}>": "array<string>",
    "List<String{>=1}>": "array<string>",
    "Number": "number",
    "Object": "object",
    "Object, string or array": "object|string|array",
    "Object/List": "object|array<object>",
    "Object<string, Object>": "object",
    "Objects": "object",
    "String": "string",
    "String enum": "choice",
    "String or Array": "string|array<string>",
    "String or Object": "string|object",
    "String or integer": "string|integer",
    "String or list of strings": "string|array<string>",
    "String | List<String>": "string|array<string>",
    "String | Object": "string|object",
    "int": "integer",
}
# A documented string of which the text lists the values is a choice; so are these numbers with limits.
REFINED = {"string": {"choice"}, "integer": {"integer>=0", "integer>=1"}, "number": {"integer>=1", "number>=1"}}


@cache
def schema(name):
    """A schema file in which every reference names its file."""
    own = {**files.read(name)}

    def whole(node):
        if type(node) is list:
            return [whole(one) for one in node]
        if type(node) is not dict:
            return node
        return {k: (f"{name}.json" + v if k == "$ref" and v[0] == "#" else whole(v)) for k, v in node.items()}

    return whole(own)


def referred(node):
    """A node with what it refers to; a whole noun is but an object."""
    while "$ref" in node:
        file, _, pointer = node["$ref"].partition("#")
        found = schema(file.removesuffix(".json")) if pointer else {"type": "object"}
        for step in pointer.split("/")[1:]:
            found = found[step]
        node = {**found, **{k: v for k, v in node.items() if k != "$ref"}}
    return node


def node_of(noun, kind, name):
    """The schema of a property, and the object it belongs to."""
    kind = "system:postgresql" if kind == "sql systems" else kind.removeprefix("template ")
    owner = schema(noun)["$defs"][kind] if kind else schema(noun)
    found = None
    for step in name.removesuffix(" (experimental)").split("."):
        if found is not None:
            owner = referred(found)
        found = owner["properties"][step]
    return found, owner


def words(node):
    """The type of a property in the notation of TYPES; variables and null do not count."""
    node = referred(node)
    if "anyOf" in node and "type" not in node:
        return list(dict.fromkeys(word for branch in node["anyOf"] for word in words(branch)))
    if "const" in node or "enum" in node:
        kinds = {type(one) for one in node.get("enum", [node.get("const")])}
        return [word for word, kind in (("boolean", bool), ("choice", str)) if kind in kinds]
    found = []
    for one in [node["type"]] if type(node["type"]) is str else node["type"]:
        if (one == "string" and "pattern" in node) or one == "null":
            continue
        inner = node.get("items") if one == "array" else node.get("additionalProperties")
        if (
            type(inner) is dict
            and one in ("array", "object")
            and not (one == "object" and set(words(inner)) <= _COMPONENTS)
        ):
            one += f"<{'|'.join(words(inner))}>"
        if one in ("integer", "number") and "minimum" in node:
            one += f">={node['minimum']}"
        found.append(one)
    return found


# What the values of an object of alternatives are.
_COMPONENTS = {"object", "array<object>"}


def default_of(text, type_):
    """A printed default as a JSON value; ALL when it is a remark or none."""
    text = re.sub(r" \(.*\)$| \[\*\]$", "", text)
    if text in ("", "<All>", "Inferred", "No paging", "The pipe id.") or text[0] in "(" or " otherwise" in text:
        return ALL
    if text.startswith("usually") or (text == "100" and type_ == "Integer(>=1)"):
        return ALL
    try:
        return json.loads(text if text not in ("False", "True") else text.lower())
    except ValueError:
        return text


def key(row):
    return row["noun"], row["kind"], row["property"]


CONFIGURED = [row for row in ROWS if row["noun"] not in NO_CONFIGURATION and row["property"] != EVERYTHING]


@pytest.mark.parametrize("row", CONFIGURED, ids=lambda row: "/".join(key(row)))
def test_the_schema_says_what_the_table_says(row):
    if (*key(row), row["default"]) == LDAP:
        row = {**row, "property": "verify_ssl"}
    row = {**row, **{field: value for field, (value, _) in DEVIATIONS.get(key(row), {}).items()}}
    noun, kind, name = key(row)
    node, owner = node_of(noun, kind, name)
    assert node.get("description"), "a description is missing"

    wanted, found = TYPES[row["type"]], words(node)
    if wanted is not None and not (len(found) == 1 and found[0] in REFINED.get(wanted, ())):
        assert sorted(found) == sorted(wanted.split("|"))

    default = default_of(row["default"], row["type"])
    if default is not ALL or row["type"]:
        assert node.get("default", ALL) == default or (default is ALL and "supports" in name)

    last = name.removesuffix(" (experimental)").rpartition(".")[2]
    required = {*owner.get("required", ()), *owner.get("else", {}).get("required", ())}
    needed = {one for others in owner.get("dependentRequired", {}).values() for one in others}
    together = {one for option in owner.get("anyOf", ()) for one in option.get("required", ())}
    later = json.dumps(owner.get("allOf", []))
    if row["required"] == "Yes":
        assert (
            last in required
            or (noun == "system" and kind == "system:rest" and f'"{last}"' in later)
            or (name.startswith("custom_auth.") and f'"{last}"' in later)
        )
    elif row["required"].startswith(("Yes", "Required")):
        assert last in needed | together or f'"{last}"' in later
    else:
        assert last not in required

    assert node.get("deprecated", False) is row["deprecated"]
    if row["deprecated"]:
        assert node["$comment"], "what to use instead is missing"


def test_a_rest_system_has_every_property_of_a_url_system():
    systems = files.read("system")["$defs"]
    assert any(row["property"] == EVERYTHING for row in ROWS)
    assert systems["system:url"]["properties"].keys() <= systems["system:rest"]["properties"].keys()


def test_every_deviation_is_of_a_row():
    assert DEVIATIONS.keys() <= {key(row) for row in ROWS}


def test_nothing_else_is_left_out():
    assert len(ROWS) == 661
    left = [row for row in ROWS if row not in CONFIGURED]
    assert len(left) == 15


@pytest.mark.skipif(not OTHERS, reason="DOCUMENTED_PROPERTIES names no other extract of the tables")
def test_another_extract_has_the_same_rows():
    mine = [(row["property"], row["type"], row["default"], row["required"], row["deprecated"]) for row in ROWS]
    theirs = [
        (row["property"].rpartition(".")[2], row["type"], row["default"], row["required"], row["deprecated"])
        for row in json.loads(Path(OTHERS).read_text("utf-8"))
    ]
    assert [(name.rpartition(".")[2], *rest) for name, *rest in mine] == theirs


def test_every_noun_is_compared():
    assert {row["noun"] for row in CONFIGURED} == set(NOUNS)
