"""configuration-transforms-template.rst: the three built-in templates; decision 0435."""

import pytest

from dataflow.dtl import transit
from dataflow.errors import FindingsError
from dataflow.node.transforms.builtin import NAMES, builtin, expanded
from node.pipes import content, embedded, receiver
from node.rest.conftest import outer_node, rest_system, run
from node.rest.service import Reply

BY_ID = "men/{{ entity.id }}"
OPERATIONS = {
    "lookup": {"url": BY_ID, "method": "GET"},
    "insert": {"url": "men", "method": "POST"},
    "update": {"url": BY_ID, "method": "PATCH"},
    "delete": {"url": BY_ID, "method": "DELETE"},
    "verify": {"url": "verify/{{ entity._id }}", "method": "GET"},
    "defaults": {"url": "defaults/{{ properties.kind | default('none') }}", "method": "GET"},
}


def template(name, **properties):
    given = {"rest_system": "s", "primary_key": "id", "share_dataset": "log", **properties}
    return {"type": "template", "template": f"transform-{name}-rest", "properties": given}


class Men:
    """A service that keeps records by number."""

    def __init__(self, **records):
        self.records = {int(number[1:]): record for number, record in records.items()}

    def __call__(self, request):
        _, _, name = request.path.rpartition("/")
        if request.method == "POST":
            number = max(self.records, default=0) + 1
            self.records[number] = {"id": number, **request.json}
            return Reply(self.records[number], 201)
        if not name.isdecimal() or int(name) not in self.records:
            return Reply({"detail": "no such man"}, 404)
        if request.method == "PATCH":
            self.records[int(name)] |= request.json
        if request.method == "DELETE":
            del self.records[int(name)]
            return Reply("", 204)
        return self.records[int(name)]


@pytest.fixture
def men(service):
    service.answer = Men(n7={"id": 7, "name": "Jo", "age": 1, "seen": "today"})
    return service.answer


# --- share ------------------------------------------------------------------------------------------------------------


def sharing(service, **properties):
    """A node with receiver "in" and the share pipe "log"."""
    share = {
        "_id": "log",
        "type": "pipe",
        "source": {"type": "dataset", "dataset": "in"},
        "transform": template("share", **{"operation_delete": "delete", **properties}),
        "sink": {"deletion_tracking": False, "set_initial_offset": "onload"},
        "batch_size": 1,
        "namespaced_identifiers": False,
    }
    return outer_node([rest_system(service, operations=OPERATIONS)], receiver("in"), share)


def shared(service, *entities, node=None, **properties):
    """The entities of the log after these have come in."""
    node = node or sharing(service, **properties)
    node.post("in", transit.decode(list(entities)))
    run(node)
    return {
        i: {k: v for k, v in entity.items() if not k.startswith("$trace")} for i, entity in content(node, "log").items()
    }


def known(**changes):
    """What is to become of man 7, as it was collected and with changes."""
    before = {"id": 7, "name": "Jo", "age": 1}
    return {
        "_id": "man:7",
        "$based_on": before,
        "$based_on_properties": ["name", "age"],
        "$ids": ["~:man:7"],
        **before,
        **changes,
    }


def new(**properties):
    return {"_id": "crm:1", "$ids": ["~:crm:1"], "$origin": "~:crm:1", "name": "Ann", **properties}


def operations(service):
    return [f"{request.method} {request.path}" for request in service.requests]


def test_a_change_is_looked_up_and_written(service, men):
    found = shared(service, known(age=2))["man:7"]
    assert operations(service) == ["GET /men/7", "PATCH /men/7"]
    assert service.requests[1].json == {"id": 7, "name": "Jo", "age": 2}
    assert men.records[7]["age"] == 2
    assert (found["$last_operation"], found["$success"], found["id"]) == ("update", True, 7)
    assert "$error" not in found


@pytest.mark.parametrize(
    ("changes", "record", "operation"),
    [
        ({}, {}, "discard-entity-not-changed"),
        ({"unmapped": 5}, {}, "discard-entity-not-changed"),
        ({"age": 2}, {"age": 3}, "discard-modified-in-system"),
        ({"age": 2}, {"seen": "later"}, "update"),
        ({"age": 2, "$unsafe_skip_optimistic_locking": True}, {"age": 3}, "update"),
        ({"age": None, "$based_on": {"name": "Jo"}}, {"age": ""}, "discard-entity-not-changed"),
        ({"age": 2, "$based_on_properties": ["name"]}, {"age": 3}, "discard-entity-not-changed"),
        (
            {"more": {"a": 1, "b": None}, "$based_on_properties": ["more.a", "more.c"]},
            {"more": {"a": 1}},
            "discard-modified-in-system",
        ),
    ],
)
def test_what_is_compared_is_what_the_entity_names(service, men, changes, record, operation):
    men.records[7] |= record
    found = shared(service, known(**changes))["man:7"]
    assert found["$last_operation"] == operation
    assert len(service.requests) == (2 if operation == "update" else 1)


def test_paths_and_objects_are_compared(service, men):
    men.records[7]["more"] = {"a": 1, "b": 2}
    more = {"more": {"a": 1, "b": None}}
    entity = known(**more, **{"$based_on": more, "$based_on_properties": ["more.a"]})
    assert shared(service, entity)["man:7"]["$last_operation"] == "discard-entity-not-changed"
    men.records[7]["more"] = {"a": 1, "b": ""}
    entity = known(**more, **{"$based_on": more, "$based_on_properties": ["more"]})
    assert shared(service, entity)["man:7"]["$last_operation"] == "discard-entity-not-changed"


def test_without_names_what_it_was_based_on_is_compared(service, men):
    entity = known(age=2)
    del entity["$based_on_properties"]
    assert shared(service, entity)["man:7"]["$last_operation"] == "update"


def test_what_cannot_be_looked_up_is_an_error(service, men):
    found = shared(service, known(id=8))["man:7"]
    assert (found["$last_operation"], found["$error"], found["$success"]) == ("lookup", "error-lookup", False)
    assert operations(service) == ["GET /men/8"]


def test_a_new_record_is_made_once(service, men):
    node = sharing(service)
    found = shared(service, new(), node=node)["crm:1"]
    assert (found["$last_operation"], found["$generated_id"], found["$origin"]) == ("insert", 8, "~:crm:1")
    assert service.requests[0].json == {"name": "Ann"}
    again = shared(service, new(name="Anna"), node=node)["crm:1"]
    assert (again["$last_operation"], again["$generated_id"]) == ("discard-already-inserted", 8)
    assert operations(service) == ["POST /men"]


def test_what_was_generated_is_never_forgotten(service, men):
    node = sharing(service)
    shared(service, new(), node=node)
    gone = shared(service, {**new(), "_deleted": True}, node=node)["crm:1"]
    assert gone["$last_operation"] == "discard-delete-non-existent"
    assert (gone["$generated_id"], gone["$origin"], gone["$deleted"], gone["$previous_success"]) == (
        8,
        "~:crm:1",
        True,
        True,
    )


def test_a_new_record_needs_an_origin(service, men):
    node = sharing(service)
    entity = new()
    del entity["$origin"]
    node.post("in", [entity])
    (failure,) = node.run().failures
    assert "has no $origin" in failure.message
    assert service.requests == []


def test_an_answer_without_the_key_stops_the_pipe(service):
    service.answer = lambda request: Reply({"ok": True}, 201)
    node = sharing(service)
    node.post("in", [new()])
    (failure,) = node.run().failures
    assert "does not tell the primary key" in failure.message


@pytest.mark.parametrize(
    ("entity", "operation", "asked"),
    [
        ({**known(), "_deleted": True}, "delete", ["DELETE /men/7"]),
        ({**new(), "_deleted": True}, "discard-delete-non-existent", []),
        ({**known(), "_deleted": True, "$replaced": True}, "discard-replaced", []),
        ({**known(age=2), "$discard": "waits for a customer"}, "discard-by-connector", []),
    ],
)
def test_deletions_and_what_is_held_back(service, men, entity, operation, asked):
    (found,) = shared(service, entity).values()
    assert (found["$last_operation"], found["$success"]) == (operation, True)
    assert operations(service) == asked
    assert "_deleted" not in found
    assert found.get("$reason") == entity.get("$discard")


def test_deletions_have_to_be_allowed(service, men):
    pipe = sharing(service, operation_delete=None)
    found = shared(service, {**known(), "_deleted": True}, node=pipe)["man:7"]
    assert found["$last_operation"] == "discard-deletes-not-enabled"
    assert service.requests == []


@pytest.mark.parametrize("operation", ["insert", "update", "delete"])
def test_refusals_are_logged_unless_the_template_forbids_it(service, men, operation):
    answer = men.__call__
    service.answer = lambda request: answer(request) if request.method == "GET" else Reply({"detail": "no"}, 422)
    entity = {"insert": new(), "update": known(age=2), "delete": {**known(), "_deleted": True}}[operation]
    (found,) = shared(service, entity).values()
    assert (found["$last_operation"], found["$error"], found["$success"]) == (operation, f"error-{operation}", False)
    node = sharing(service, **{f"{operation}_allowed_status_codes": "200-299"})
    node.post("in", [entity])
    (failure,) = node.run().failures
    assert "422" in failure.message


def test_what_was_asked_and_answered_is_kept(service, men):
    node = sharing(service)
    node.post("in", [known(age=2)])
    run(node)
    found = content(node, "log")["man:7"]
    assert found["$trace_lookup"]["response_body"]["name"] == "Jo"
    assert found["$trace_update"]["payload"]["age"] == 2
    assert found["$source"]["age"] == 2


def test_payloads_can_be_given_or_rewritten(service, men):
    shared(service, new(**{"$payload": {"whole": "mine"}}))
    assert service.requests[-1].json == {"whole": "mine"}
    made = ["apply", "k", "_S."]
    rules = {
        "rewrite_insert_payload": [["add", "$payload", ["dict", "n", "_S.name", "s", "_S.$source.name", "k", made]]],
        "rewrite_update_payload": [["add", "$payload", ["list", ["dict", "a", "_S.$source.age", "was", "_S.response_body.age"]]]],
        "k": [["add", "x", 1]],
    }  # fmt: skip
    shared(service, new(), rewrite_rules_payload=rules)
    assert service.requests[-1].json == {"n": "Ann", "s": "Ann", "k": {"x": 1}}
    service.answer = lambda request: men.records[7] if request.method == "GET" else {}
    shared(service, known(age=2), rewrite_rules_payload=rules)
    assert service.requests[-1].json == [{"a": 2, "was": 1}]


def test_internal_properties_are_not_sent(service, men):
    shared(service, new(sesam_note="x", _t=1, **{"$x": 2}))
    assert service.requests[-1].json == {"name": "Ann"}


def test_answers_can_be_rewritten(service):
    service.answer = lambda request: (
        Reply(17, 201) if request.method == "POST" else Reply({"row": {"id": 7, "name": "Jo", "age": 1}})
    )
    rules = {"rewrite_insert": [["add", "response_body", ["dict", "id", "_S.response_body"]]]}
    assert shared(service, new(), rewrite_rules_mutation=rules)["crm:1"]["$generated_id"] == 17
    lookup = {"rewrite_lookup": [["add", "response_body", "_S.response_body.row"]]}
    assert (
        shared(service, known(), rewrite_rules_lookup=lookup)["man:7"]["$last_operation"]
        == "discard-entity-not-changed"
    )
    rules = {"lookup_rewrite": [["copy", "*"], ["merge", "_S.row"]]}
    assert shared(service, known(), rules=rules)["man:7"]["$last_operation"] == "discard-entity-not-changed"


def test_whole_records_can_be_sent(service, men):
    men.records[7] |= {"address": {"street": "a", "town": "b"}, "tags": [{"k": 1, "v": 1}, {"k": 2}]}
    entity = known(age=2, address={"street": "c"}, tags=[{"v": 3}], **{"$based_on_properties": ["age"]})
    shared(service, entity, client_side_patching=True)
    assert service.requests[-1].json == {
        "id": 7, "name": "Jo", "age": 2, "seen": "today", "address": {"street": "c", "town": "b"}, "tags": [{"k": 1, "v": 3}],
    }  # fmt: skip
    rules = {
        "rewrite_update_payload_after_patch": [
            ["add", "$payload", ["dict", "all", "_S._payload", "id", "_R._S.$source.id"]]
        ]
    }
    shared(
        service,
        known(age=3, **{"$unsafe_skip_optimistic_locking": True}),
        client_side_patching=True,
        rewrite_rules_payload=rules,
    )
    assert (service.requests[-1].json["all"]["seen"], service.requests[-1].json["id"]) == ("today", 7)
    rules = {"lookup_rewrite_update": [["copy", "*", "seen"]]}
    shared(
        service,
        known(age=4, **{"$based_on": {"age": 2}, "$based_on_properties": ["age"]}),
        client_side_patching=True,
        rules=rules,
    )
    assert "seen" not in service.requests[-1].json


def test_operations_get_the_properties_of_the_template(service, men):
    node = sharing(
        service, operation_insert="defaults", operation_insert_properties={"kind": "p"}, payload_property="body"
    )
    node.post("in", [new(id=None)])
    node.run()
    assert operations(service) == ["GET /defaults/p"]


def test_a_key_of_several_parts(service):
    service.answer = lambda request: Reply({"a": 1, "b": 2}, 201)
    node = sharing(service, primary_key=["a", "b"])
    found = shared(service, new(), node=node)["crm:1"]
    assert found["$generated_id"] == [1, 2]
    service.answer = lambda request: Reply({"a": 1}, 201)
    node.post("in", transit.decode([{**new(), "_id": "crm:2", "$ids": ["~:crm:2"]}]))
    (failure,) = node.run().failures
    assert "does not tell the primary key" in failure.message


def test_an_insert_may_have_another_key(service):
    service.answer = lambda request: Reply({"newId": 5}, 201)
    assert shared(service, new(), primary_key_insert="newId")["crm:1"]["$generated_id"] == 5


def test_a_natural_key_tells_by_itself_whether_there_is_a_record(service, men):
    natural = {"is_natural_key": True}
    found = shared(service, new(id=9), **natural)["crm:1"]
    assert (found["$last_operation"], found["$generated_id"]) == ("insert", 9)
    assert operations(service) == ["GET /men/9", "POST /men"]
    assert shared(service, known(age=2), **natural)["man:7"]["$last_operation"] == "update"
    assert shared(service, new(), **natural)["crm:1"]["$last_operation"] == "discard-partial-natural-key"


def test_what_is_switched_off_is_as_if_it_were_not_given(service, men):
    found = shared(service, new(), is_natural_key=False, client_side_patching=False)["crm:1"]
    assert (found["$last_operation"], found["$generated_id"]) == ("insert", 8)


def test_a_preview_writes_nothing(service, men):
    node = sharing(service)
    node.post("in", [known(age=2), new()])
    found = {entity["_id"]: entity["$operation"] for entity in node.entities("log", "after-transforms")}
    assert found == {"man:7": "update", "crm:1": "insert"}
    assert operations(service) == ["GET /men/7"]


# --- collect ----------------------------------------------------------------------------------------------------------


def collected(service, *entities, log=(), **properties):
    node = outer_node(
        [rest_system(service, operations=OPERATIONS)],
        embedded("log", *log, namespaced_identifiers=False),
        receiver("in"),
        {
            "_id": "p",
            "type": "pipe",
            "source": {"type": "dataset", "dataset": "in"},
            "transform": [
                template("collect", **properties),
                {"type": "dtl", "rules": {"default": [["copy", "*"], ["add-if", "was", "_S._original"]]}},
            ],
            "namespaced_identifiers": False,
        },
    )
    node.post("in", list(entities))
    run(node)
    return content(node, "p")


LOG = [
    {"_id": "crm:1", "$generated_id": 7, "$origin": "~:crm:1", "$truncation": {"name": 5}},
    {"_id": "crm:2", "$generated_id": [1, 2], "$origin": "~:crm:2"},
]


def test_a_record_that_we_made_gets_its_origin(service):
    found = collected(service, {"_id": "7", "id": 7, "n": 1}, {"_id": "8", "id": 8}, log=LOG)
    assert found == {"7": {"id": 7, "n": 1, "$origin": "~:crm:1", "$truncation": {"name": 5}}, "8": {"id": 8}}
    assert service.requests == []


def test_a_record_with_a_key_of_several_parts(service):
    found = collected(
        service, {"_id": "x", "a": 1, "b": 2}, {"_id": "y", "a": 1, "b": 3}, log=LOG, primary_key=["a", "b"]
    )
    assert (found["x"]["$origin"], "$origin" in found["y"]) == ("~:crm:2", False)


def test_deletions_are_verified(service):
    service.answer = lambda request: {} if request.path == "/verify/7" else Reply({}, 404)
    deleted = [{"_id": i, "id": int(i), "_deleted": True} for i in ("7", "8")]
    found = collected(service, *deleted, {"_id": "9", "id": 9}, operation_lookup_delete="verify")
    assert found == {"7": {"id": 7}, "8": {"id": 8, "_deleted": True}, "9": {"id": 9}}
    assert sorted(operations(service)) == ["GET /verify/7", "GET /verify/8"]


def test_each_entity_is_looked_up_and_becomes_the_record(service, men):
    entities = [
        {"_id": "7", "id": 7, "event": "x", "_deleted": True},
        {"_id": "8", "id": 8},
        {"_id": "9", "id": 9, "_deleted": True},
    ]
    found = collected(service, *entities, operation_lookup="lookup", original_property="_original")
    assert found == {
        "7": {
            "id": 7,
            "name": "Jo",
            "age": 1,
            "seen": "today",
            "was": {"_id": "7", "id": 7, "event": "x", "_deleted": True},
        },
        "9": {"id": 9, "_deleted": True, "was": {"_id": "9", "id": 9, "_deleted": True}},
    }


# --- defaults ---------------------------------------------------------------------------------------------------------


def with_defaults(service, *entities, **properties):
    pipe = embedded("p", *entities, transform=template("defaults", **properties), namespaced_identifiers=False)
    node = outer_node([rest_system(service, operations=OPERATIONS)], pipe)
    run(node)
    return content(node, "p")


def test_defaults_stand_below_what_a_new_entity_has(service):
    service.answer = lambda request: {
        "id": 0,
        "kind": "x",
        "name": "none",
        "more": {"a": 1, "b": 1},
        "list": [{"a": 1}, 2],
    }
    entity = {
        "_id": "crm:1",
        "$origin": "~:crm:1",
        "name": "Ann",
        "more": {"b": 2},
        "list": [{"b": 2}],
        "nothing": None,
    }
    found = with_defaults(service, entity, operation="defaults", operation_properties={"kind": "k"})
    assert found == {
        "crm:1": {
            "$origin": "~:crm:1",
            "name": "Ann",
            "kind": "x",
            "more": {"a": 1, "b": 2},
            "list": [{"a": 1, "b": 2}],
            "nothing": None,
        }
    }
    assert operations(service) == ["GET /defaults/k"]


@pytest.mark.parametrize(
    "entity",
    [
        {"_id": "1", "id": 7},
        {"_id": "1", "_deleted": True},
        {"_id": "1", "$discard": "waits"},
        {"_id": "1", "$discard": None},
    ],
)
def test_only_new_entities_get_defaults(service, entity):
    found = with_defaults(service, entity, operation="defaults")
    assert found == {"1": {name: value for name, value in entity.items() if name != "_id"}}
    assert service.requests == []


def test_without_an_operation_there_are_no_defaults(service):
    assert with_defaults(service, {"_id": "1", "a": 2}) == {"1": {"a": 2}}


# --- the files --------------------------------------------------------------------------------------------------------


def faults(transform):
    node = outer_node([], embedded("p", {"_id": "1"}, transform=transform))
    with pytest.raises(FindingsError) as caught:
        node.entities("p")
    return [(d.code, d.pointer, d.message) for d in caught.value.diagnostics]


def test_what_a_template_lacks_is_named():
    given = {"type": "template", "template": "transform-share-rest", "properties": {"primary_key": "id"}}
    assert faults(given) == [
        ("DF202", "/transform/properties", 'template "transform-share-rest" needs rest_system, share_dataset')
    ]
    collect = template("collect", operation_lookup="lookup")
    del collect["properties"]["rest_system"]
    assert faults(collect) == [
        ("DF202", "/transform/properties", 'template "transform-collect-rest" needs rest_system')
    ]


def test_a_template_that_there_is_not():
    assert faults({"type": "template", "template": "transform-shar-rest"}) == [
        ("DF204", "/transform/template", 'there is no template "transform-shar-rest"')
    ]


def test_a_template_may_be_written_in_the_pipe(service):
    rules = {"default": [["copy", "*"], ["add", "x", "$PROPERTY(value)"]]}
    body = {"type": "chained", "transforms": [{"type": "dtl", "rules": rules}]}
    pipe = embedded("p", {"_id": "1"}, transform={"type": "template", "template": body, "properties": {"value": 5}})
    node = outer_node([], {**pipe, "namespaced_identifiers": False})
    run(node)
    assert content(node, "p") == {"1": {"x": 5}}


def test_a_fault_in_the_rules_that_a_pipe_gives_is_found_before_anything_runs():
    rules = {"rewrite_insert": [["ad", "x", 1]]}
    (fault,) = faults(template("share", rewrite_rules_mutation=rules))
    assert (fault[0], fault[2]) == ("DF401", 'unknown function "ad"')


def test_what_can_stand_in_a_file():
    body = [
        {"a": "$PROPERTY(x)", "b": "$PROPERTY(y)", "c": "<$PROPERTY(x)>", "d": {"$list": "k"}},
        {"$when": "x", "then": ["yes", {"$when": "y", "then": ["no"], "else": ["inner"]}]},
        {"$when": "x.deep", "then": ["no"]},
        {"$each": "k", "do": ["f", "$ITEM", "$INDEX", "_$ITEM.$INDEX"]},
        {"$rule": ["one", "two"], "of": "_S."},
        {"$rule": ["three"], "of": "_S."},
        {"own": 1, "$merge": ["rules", "y"]},
    ]
    given = {"x": 1, "k": ["p", "q"], "rules": {"two": [2]}}
    assert expanded(body, given, implied={"y": None}) == [
        {"a": 1, "c": "<1>", "d": ["list", "p", "q"]},
        "yes",
        "inner",
        ["f", "p", 0, "_p.0"],
        ["f", "q", 1, "_q.1"],
        ["apply", "two", "_S."],
        "_S.",
        {"own": 1, "two": [2]},
    ]


@pytest.mark.parametrize("name", NAMES)
def test_every_template_has_all_its_properties_documented_and_none_left_open(name):
    text = str(builtin(name).expanded({"rest_system": "s", "primary_key": "id", "share_dataset": "log"}))
    assert "$PROPERTY" not in text
    assert "$when" not in text
