"""configuration-transforms-*.rst; node-semantics, section 3."""

import pytest

from dataflow.errors import FindingsError
from node.pipes import content, embedded, endpoint, living, node_of, reader, receiver, shown

pytestmark = pytest.mark.usefixtures("every_store")


def dtl(*rule, **more):
    return {"type": "dtl", "rules": {"default": list(rule)}, **more}


def result(transform, *entities, **properties):
    node = node_of(embedded("p", *entities, transform=transform, **properties))
    report = node.run()
    assert report.ok, report.diagnostics()
    return content(node, "p")


@pytest.mark.parametrize("form", ["one", "list", "chained", "nested"])
def test_transforms_follow_one_another(form):
    first, second = dtl(["copy", "*"], ["add", "b", ["plus", 1, "_S.a"]]), dtl(["copy", "*"], ["add", "c", "_S.b"])
    chain = {
        "one": dtl(["copy", "*"], ["add", "b", ["plus", 1, "_S.a"]], ["add", "c", "_T.b"]),
        "list": [first, second],
        "chained": {"type": "chained", "transforms": [first, second]},
        "nested": [{"type": "chained", "transforms": [first]}, {"type": "chained", "transforms": [second]}],
    }[form]
    assert result(chain, {"_id": "x", "a": 1}) == {"x": {"a": 1, "b": 2, "c": 2}}


def test_the_target_starts_with_the_id_and_the_deletion_of_the_source():
    assert result(dtl(["add", "a", 1]), {"_id": "x"}, {"_id": "y", "_deleted": True}) == {
        "x": {"a": 1},
        "y": {"a": 1, "_deleted": True},
    }


def test_temporary_properties_reach_the_next_transform_and_not_the_dataset():
    assert result([dtl(["add", "_t", 1]), dtl(["add", "a", "_S._t"])], {"_id": "x"}) == {"x": {"a": 1}}


def test_created_entities_pass_the_later_transforms_and_survive_a_filter():
    first = dtl(["create", ["dict", "_id", ["concat", "_S._id", "-1"]]], ["filter"])
    second = dtl(["add", "seen", True])
    assert result([first, second], {"_id": "x"}) == {"x-1": {"seen": True}}


def test_a_filtered_entity_is_not_transformed_any_more_and_deletes_in_the_dataset():
    node = node_of(
        receiver("a"),
        reader(
            "p",
            "a",
            transform=[
                dtl(["copy", "*"], ["filter", ["eq", "_S.ok", True]]),
                dtl(["copy", "*"], ["create", {"_id": "c"}]),
            ],
        ),
        endpoint("e", "a", ["filter", ["eq", "_S.ok", True]]),
    )
    node.post("a", [{"_id": "1", "ok": True}, {"_id": "2", "ok": False}])
    node.run()
    assert content(node, "p") == {"1": {"ok": True}, "c": {}}
    assert shown(node.entities("e")) == {"1": {}}
    node.post("a", [{"_id": "1", "ok": False}])
    node.run()
    assert content(node, "p") == {"1": {"ok": True, "_deleted": True}, "c": {}}
    assert node.entities("e") == []


def test_a_discarded_entity_leaves_its_older_version_alone():
    node = node_of(receiver("a"), reader("p", "a", ["copy", "*"], ["discard", ["eq", "_S.ok", True]]))
    node.post("a", [{"_id": "1", "ok": True}])
    node.run()
    node.post("a", [{"_id": "1", "ok": False}])
    node.run()
    assert content(node, "p") == {"1": {"ok": True}}


@pytest.mark.parametrize(
    ("condition", "touched"),
    [
        ({"value": "in"}, {"a"}),
        ({"value": "in*"}, {"a", "b"}),
        ({"value": "*r*"}, {"b"}),
        ({"key": "deep.er", "value": "x"}, {"c", "d"}),
        ({"key": "flag", "value": True}, {"e"}),
        ({"key": "flag", "value": 1}, {"f"}),
        ({"key": "none", "value": "*"}, set()),
        ({"value": "i."}, set()),
    ],
)
def test_trigger_on_lets_others_pass_untouched(condition, touched):
    entities = [
        {"_id": "a", "_trigger": "in"},
        {"_id": "b", "_trigger": "insert"},
        {"_id": "c", "deep": {"er": "x"}},
        {"_id": "d", "deep": [{"er": "y"}, {"er": "x"}]},
        {"_id": "e", "flag": True},
        {"_id": "f", "flag": 1},
    ]
    found = result(dtl(["add", "touched", True], trigger_on=condition), *entities)
    assert {i for i, e in found.items() if e == {"touched": True}} == touched
    assert all("touched" not in e for i, e in found.items() if i not in touched)


def test_trigger_on_needs_a_value():
    node = node_of(embedded("p", transform=[dtl(), dtl(trigger_on={"key": "x"})]))
    with pytest.raises(FindingsError) as caught:
        node.entities("p")
    assert [(d.code, d.pointer) for d in caught.value.diagnostics] == [("DF202", "/transform/1/trigger_on")]


def test_a_transform_that_reaches_outside_fails_on_the_first_entity_it_is_meant_for():
    rest = {"type": "rest", "system": "s", "operation": "o", "trigger_on": {"key": "call", "value": True}}
    node = node_of(embedded("p", {"_id": "1"}, {"_id": "2", "call": True}, {"_id": "3"}, transform=[rest]))
    (failure,) = node.run().failures
    assert failure.entity == "2"
    assert 'a transform of type "rest" is not run offline' in failure.message
    assert failure.diagnostics[0].pointer == "/transform/0"
    assert list(content(node, "p")) == ["1"]


TEMPLATES = {
    "transform-collect-rest": 'calls find of REST system "crm" and hops to dataset "log"',
    "transform-defaults-rest": 'calls no operation of REST system "crm")',
    "transform-share-rest": 'calls find, insert, update, delete of REST system "crm" and hops to dataset "log"',
}


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_loads_and_says_what_it_needs(template):
    given = {"rest_system": "crm", "primary_key": "id", "share_dataset": "log", "operation_lookup": "find"}
    node = node_of(
        embedded("p", {"_id": "1"}, transform={"type": "template", "template": template, "properties": given})
    )
    (failure,) = node.run().failures
    assert failure.outside
    assert TEMPLATES[template] in failure.message


def test_the_xml_transform_writes_an_entity_as_text():
    transform = {"type": "xml", "xml-property": "xml", "root-attributes": {"xmlns:f": "u"}}
    shape = {"name": "a & b", "<f:tag>": [{"id": 7, "<part>": "x<y"}, {"<none>": None}]}
    found = result(transform, {"_id": "1", **shape}, {"_id": "2", "_deleted": True, **shape})
    assert found["1"]["xml"] == '<f:tag xmlns:f="u" name="a &amp; b"><part id="7">x&lt;y</part><none/></f:tag>'
    assert "xml" not in found["2"]


def test_the_xml_transform_fails_on_an_entity_without_the_form_of_an_element():
    node = node_of(embedded("p", {"_id": "1"}, transform={"type": "xml", "xml-property": "xml"}))
    (failure,) = node.run().failures
    assert failure.entity == "1"
    with pytest.raises(FindingsError):
        node_of(embedded("p", transform={"type": "xml"})).entities("p")


def test_emit_children_gives_the_children_instead_of_the_parent():
    parent = {"_id": "p", "$children": [{"_id": "a", "n": 1}, {"n": 2}, "x", {"_id": "b", "_deleted": True}]}
    childless = {"_id": "q"}
    found = result({"type": "emit_children"}, parent, childless)
    assert found == {"a": {"n": 1}, "b": {"_deleted": True}}


def test_children_that_are_gone_are_deleted_down_the_flow():
    # `line` keeps what the child is, under an id of its own.
    rules = {
        "default": [["create-child", ["apply", "line", "_S.lines"]]],
        "line": [["copy", "*"], ["add", "_id", "_S.id"]],
    }
    node = node_of(
        receiver("a"),
        {**reader("parents", "a"), "transform": {"type": "dtl", "rules": rules}},
        {**reader("children", "parents"), "transform": {"type": "emit_children"}},
    )
    node.post("a", [{"_id": "o", "lines": [{"id": "1", "n": 1}, {"id": "2", "n": 2}]}])
    assert node.run().ok
    assert list(living(node, "children")) == ["1", "2"]
    node.post("a", [{"_id": "o", "lines": [{"id": "2", "n": 3}]}])
    assert node.run().ok
    assert content(node, "children") == {"1": {"id": "1", "n": 1, "_deleted": True}, "2": {"id": "2", "n": 3}}
    assert node.run().written == 0
    node.post("a", [{"_id": "o", "_deleted": True, "lines": [{"id": "2", "n": 3}]}])
    node.run()
    assert living(node, "children") == {}


def test_json_schema_marks_what_does_not_fit():
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    found = result({"type": "json_schema", "schema": schema}, {"_id": "1", "n": 1}, {"_id": "2", "n": "x"})
    assert found["1"] == {"n": 1, "valid": True}
    assert found["2"]["valid"] is False
    assert found["2"]["errors"] == ["'x' is not of type 'integer'"]


@pytest.mark.parametrize(("schema", "code"), [(None, "DF202"), ({"type": "nonsense"}, "DF205")])
def test_json_schema_needs_a_usable_schema(schema, code):
    node = node_of(embedded("p", transform={"type": "json_schema", "schema": schema}))
    with pytest.raises(FindingsError) as caught:
        node.entities("p")
    assert [(d.code, d.pointer) for d in caught.value.diagnostics] == [(code, "/transform/schema")]


def test_an_apply_hops_rule_starts_without_an_id_and_hops_come_by_id():
    hop = {"datasets": ["b x"], "where": [["eq", "_S._id", "x.ref"]]}
    rules = {"default": [["add", "all", ["apply-hops", "one", hop]]], "one": [["add", "n", "_S.n"]]}
    node = node_of(
        embedded("a", {"_id": "a1"}),
        embedded("b", {"_id": "x:132", "ref": "a1", "n": 1}, {"_id": "x:1316", "ref": ["a1"], "n": 2}),
        {**reader("p", "a"), "transform": {"type": "dtl", "rules": rules}},
    )
    assert node.run().ok
    assert content(node, "p") == {"a1": {"all": [{"n": 2}, {"n": 1}]}}
