"""What the compiler promises beyond the values: collected faults at their place, readable code, explained failures."""

import pytest

from dataflow.dtl import Context, Namespaces, compile_expression, compile_rules
from dataflow.dtl.context import Table
from dataflow.errors import DtlError, FindingsError, TransformFailed


def faults(rules):
    with pytest.raises(FindingsError) as caught:
        compile_rules(rules, pipe_id="p")
    return [(d.code, d.pointer) for d in caught.value.diagnostics]


def test_every_fault_is_reported_at_its_pointer():
    rules = {
        "default": [
            ["add", "a", ["uper", "_S.x"]],
            ["upper", "_S.x"],
            ["add", "b"],
            ["add", "c", ["apply", "lin", "_S.lines"]],
            ["add", "d", ["add", "e", 1]],
            ["add", "f", [["a"], ["b"]]],
            "copy",
        ],
        "line": [["copy", "*"]],
    }
    assert faults(rules) == [
        ("DF401", "/default/0/2/0"),
        ("DF404", "/default/1/0"),
        ("DF402", "/default/2"),
        ("DF403", "/default/3/2/1"),
        ("DF404", "/default/4/2/0"),
        ("DF408", "/default/5/2"),
        ("DF408", "/default/6"),
    ]


def test_a_misspelt_name_gets_a_suggestion_and_a_bare_list_is_taught():
    with pytest.raises(FindingsError) as caught:
        compile_expression(["uper", "_S.x"])
    assert caught.value.diagnostics[0].hint == 'did you mean "upper"?'
    with pytest.raises(FindingsError) as caught:
        compile_expression(["Oslo", "Bergen"])
    assert '["list", ...]' in (caught.value.diagnostics[0].hint or "")


def test_rules_must_be_an_object_with_a_default():
    assert faults([["copy", "*"]]) == [("DF408", "")]
    assert faults({"main": [["copy", "*"]]}) == [("DF408", "")]


@pytest.mark.parametrize(
    ("spec", "code", "pointer"),
    [
        ({"datasets": ["d a"], "where": [["eq", "a.x", 1]]}, "DF405", "/default/0/2/1/where"),
        ({"datasets": ["d a", "e b"], "where": [["eq", "_S.x", "a.x"]]}, "DF405", "/default/0/2/1/where"),
        ({"datasets": ["d a"]}, "DF405", "/default/0/2/1"),
        ({"datasets": ["d"], "where": [["eq", "_S.x", "d.x"]]}, "DF408", "/default/0/2/1/datasets/0"),
        ({"datasets": ["d a"], "were": []}, "DF408", "/default/0/2/1/were"),
        ({"datasets": ["d a", "e a"], "where": []}, "DF408", "/default/0/2/1/datasets/1"),
        (
            {"datasets": ["d a"], "where": ["eq", "_S.x", "a.x"], "recurse": True, "return": "a"},
            "DF408",
            "/default/0/2/1/return",
        ),
    ],
)
def test_a_hops_specification_is_checked(spec, code, pointer):
    assert (code, pointer) in faults({"default": [["add", "x", ["hops", spec]]]})


def test_apply_refuses_a_rule_that_hops():
    hop = ["hops", {"datasets": ["d a"], "where": ["eq", "_S.x", "a.x"]}]
    assert faults({"default": [["add", "x", ["apply", "r", "_S.y"]]], "r": [["add", "z", hop]]}) == [
        ("DF406", "/default/0/2")
    ]


def test_a_rule_applied_to_its_own_source_for_ever_is_refused():
    circle = {"default": [["add", "x", ["apply", "r", "_S."]]], "r": [["add", "y", ["apply", "s", "_S."]]]}
    circle["s"] = [["add", "z", ["apply", "r", "_S."]]]
    assert {code for code, _ in faults(circle)} == {"DF409"}


def test_a_rule_may_apply_itself_to_a_part_of_its_source():
    tree = {
        "default": [["merge", ["apply", "node", "_S."]]],
        "node": [["add", "name", "_S.name"], ["add-if", "below", ["apply", "node", "_S.children"]]],
    }
    transform = compile_rules(tree)
    source = {"_id": "1", "name": "a", "children": [{"name": "b"}, {"name": "c", "children": {"name": "d"}}]}
    [result] = transform(source, Context())
    assert result["below"] == [{"name": "b"}, {"name": "c", "below": {"name": "d"}}]


def test_recursion_without_end_at_run_time_is_a_clear_error():
    rules = {
        "default": [["merge", ["apply", "r", "_S."]]],
        "r": [["if", ["is-not-null", "_S.x"], ["add", "y", ["apply", "r", ["dict", "x", "_S."]]]]],
    }
    with pytest.raises(TransformFailed, match="without end"):
        list(compile_rules(rules)({"_id": "1", "x": 1}, Context()))


def test_deep_nesting_is_a_diagnostic_and_not_a_crash():
    expression = "_S.x"
    for _ in range(3000):
        expression = ["lower", expression]
    with pytest.raises(FindingsError, match="nested too deeply"):
        compile_expression(expression)


def test_long_case_chains_compile():
    branches = [part for i in range(300) for part in (["eq", "_S.n", i], f"v{i}")]
    assert compile_expression(["case", *branches, "none"])(Context(), S={"n": 299}) == "v299"


def test_a_failure_says_where_and_with_which_values():
    rules = {
        "default": [["add", "lines", ["apply", "line", "_S.lines"]]],
        "line": [["if", ["gt", "_S.n", 2], ["fail!", ["concat", "too many: ", ["string", "_S.n"]]]]],
    }
    transform = compile_rules(rules, pipe_id="orders")
    with pytest.raises(TransformFailed) as caught:
        list(transform({"_id": "o1", "lines": [{"n": 1}, {"n": 3}]}, Context()))
    failure = caught.value
    assert (failure.pipe, failure.entity_id, failure.rule) == ("orders", "o1", "line")
    assert failure.where == "/line/0/2"
    assert failure.message == "too many: 3"
    assert [step.pointer for step in failure.trace] == ["/default/0", "/default/0/2", "/line/0", "/line/0/2"]
    assert failure.trace[1].met == (("_S.lines", '[{"n": 1}, {"n": 3}]'),)
    assert failure.trace[-1].met == (('["concat", "too many: ", ["string", "_S.n"]]', '"too many: 3"'),)


def test_the_traced_variant_gives_the_same_result():
    rules = {
        "default": [
            ["copy", "*"],
            ["add", "found", ["apply-hops", "r", {"datasets": ["d a"], "where": ["eq", "_S.k", "a.k"]}]],
            ["case", ["eq", "_S.k", 1], ["add", "one", True], ["filter"]],
        ],
        "r": [["add", "n", ["*", "_S.n", "_P._S.k"]], ["filter", ["gt", "_T.n", 1]]],
    }
    context = Context(datasets={"d": Table([{"_id": "1", "k": 1, "n": 1}, {"_id": "2", "k": 1, "n": 2}])})
    transform = compile_rules(rules)
    source = {"_id": "x", "k": 1}
    [plain] = transform(source, context)
    assert plain == {"_id": "x", "k": 1, "found": [{"n": 2}], "one": True}
    explained = transform.explained(ValueError("made up"), source, context)
    assert explained.message == "ValueError: made up"
    assert explained.where == ""


def test_target_starts_with_the_id_and_the_deletion_of_the_source():
    transform = compile_rules({"default": [["add", "x", 1]]})
    assert list(transform({"_id": "1", "_deleted": True}, Context())) == [{"_id": "1", "_deleted": True, "x": 1}]


def test_an_id_that_is_no_string_is_an_error_or_passed_over():
    rules = {"default": [["add", "_id", 5]]}
    with pytest.raises(TransformFailed, match="needs a string _id"):
        list(compile_rules(rules)({"_id": "1"}, Context()))
    assert list(compile_rules(rules, id_required=False)({"_id": "1"}, Context())) == []


def test_null_leaves_the_id_alone():
    assert list(compile_rules({"default": [["add", "_id", None]]})({"_id": "1"}, Context())) == [{"_id": "1"}]


def test_facts_of_rules_are_known_without_running_them():
    rules = {
        "default": [
            ["add", "name", ["upper", "_S.first"]],
            [
                "add",
                "n",
                ["count", ["hops", {"datasets": ["d a"], "where": ["eq", "_S.k", "a.k"], "track-dependencies": False}]],
            ],
        ]
    }
    transform = compile_rules(rules)
    assert transform.reads == {"first", "k"}
    assert transform.writes == {"name", "n"}
    assert [(h.dataset, h.keys, h.tracked) for h in transform.hops] == [("d", ('"a.k"',), False)]
    assert compile_rules({"default": [["copy", "*"]]}).reads == {None}


def test_the_generated_code_shows_the_rules_it_stands_for():
    code = compile_rules({"default": [["add", "name", ["upper", "_S.first"]]]}).code
    assert '# ["add", "name", ["upper", "_S.first"]]' in code
    assert "T['name'] = " in code


def test_constants_are_folded_and_their_faults_found_when_compiling():
    assert compile_expression(["concat", "a", ["upper", "b"]]).code.endswith("return 'aB'")


@pytest.mark.parametrize("dataset", [5, ["list", "trees"], True])
def test_a_dataset_to_look_up_in_that_is_no_text_is_a_fault_or_gives_nothing(dataset):
    with pytest.raises(FindingsError) as caught:
        compile_expression(["lookup-entity", dataset, "elm"])
    assert [(d.code, d.pointer) for d in caught.value.diagnostics] == [("DF407", "/1")]
    assert compile_expression(["lookup-entity", "_S.v", "elm"])(Context(), S={"v": dataset}) is None


def test_is_changed_takes_a_source_that_is_no_entity():
    context = Context()
    context.previous = lambda entity: {"_id": "1"}
    rules = {"r": [["add", "a", ["is-changed", "_."]]]}
    assert compile_expression(["apply", "r", "_S.v"], rules=rules)(context, S={"v": True}) == {"a": True}


def test_an_expression_raises_nothing_but_dtl_errors():
    with pytest.raises(DtlError, match=r"^no$"):
        compile_expression(["apply", "r", "_S."], rules={"r": [["fail!", "no"]]})(Context(), S={"a": 1})


class TestNamespaces:
    spaces = Namespaces("crm", "crm", enabled=True)

    def run(self, transforms, source):
        [result] = compile_rules({"default": transforms}, namespaces=self.spaces)(source, Context())
        return result

    def test_unqualified_paths_find_the_identifier_in_every_namespace(self):
        source = {"_id": "crm:1", "crm:a": 1, "erp:a": [2, 3], "b": 4}
        assert self.run(
            [["add", "x:all", "_S.a"], ["add", "x:one", "_S.erp:a"], ["add", "x:bare", "_S.::b"]], source
        ) == {
            "_id": "crm:1",
            "x:all": [1, 2, 3],
            "x:one": [2, 3],
            "x:bare": 4,
        }

    def test_a_rule_may_be_applied_to_several_shapes_and_to_what_is_no_entity(self):
        rules = {
            "default": [["add", "x:r", ["apply", "r", "_S.v"]]],
            "r": [["add", "::a", "_S.a"], ["add", "::b", "_S.b"]],
        }
        values = [{"crm:a": 1}, {"crm:b": 2, "erp:b": 3}, "text", [{"a": 4}, {"erp:a": 5}], {"crm:a": 6}]
        [result] = compile_rules(rules, namespaces=self.spaces)({"_id": "1", "crm:v": values}, Context())
        empty = {"a": None, "b": None}
        # A list among the values is a source as a whole; texts have no properties.
        assert result["x:r"] == [
            {"a": 1, "b": None},
            {"a": None, "b": [2, 3]},
            empty,
            {"a": [4, 5], "b": []},
            {"a": 6, "b": None},
        ]

    def test_a_rule_that_is_applied_to_what_is_hopped_to_looks_at_each_entity(self):
        hop = {"datasets": ["d x"], "where": ["eq", "_S.k", "x.k"]}
        rules = {"default": [["add", "x:r", ["apply-hops", "r", hop]]], "r": [["add", "::a", "_S.a"]]}
        found = [{"_id": "1", "k": 1, "crm:a": 5}, {"_id": "2", "k": 1, "erp:a": 6, "crm:a": 7}]
        context = Context(datasets={"d": Table(found)})
        [result] = compile_rules(rules, namespaces=self.spaces)({"_id": "1", "crm:k": 1}, context)
        assert result["x:r"] == [{"a": 5}, {"a": [6, 7]}]

    def test_ids_are_made_of_the_id_where_there_are_none(self):
        assert self.run([["add", "$i", "_S.$ids"]], {"_id": "1"})["$i"] == ["~:crm:1"]
        assert self.run([["add", "$i", "_S.$ids"]], {"_id": "erp:1"})["$i"] == ["~:erp:1"]

    def test_written_names(self):
        result = self.run(
            [["add", ["list", "a", "::b", ":c", "erp:d", "_e", "$f"], 1], ["add", "_id", "7"]], {"_id": "x"}
        )
        assert result == {"_id": "crm:7", "crm:a": 1, "b": 1, "crm:c": 1, "erp:d": 1, "_e": 1, "$f": 1}


class TestTemporaries:
    def applied(self, rule, source):
        rules = {"default": [["add", "x", ["apply", "r", "_S."]]], "r": rule}
        [result] = compile_rules(rules)({"_id": "1", **source}, Context())
        return compile_rules(rules).code, result["x"]

    def test_what_is_added_only_to_be_read_and_removed_is_never_stored(self):
        code, result = self.applied(
            [["add", "tmp", ["upper", "_S.a"]], ["add-if", "b", ["lower", "_T.tmp"]], ["remove", "tmp"]], {"a": "Ab"}
        )
        assert result == {"b": "ab"}
        assert "tmp'" not in code.replace("T.get('tmp')", "")

    @pytest.mark.parametrize(
        ("rule", "expected"),
        [
            ([["add", "t", 1], ["add", "all", "_T."], ["remove", "t"]], {"all": {"t": 1}}),
            ([["add", "t", 1], ["if", True, ["add", "t", 2]], ["add", "u", "_T.t"], ["remove", "t"]], {"u": 2}),
            ([["add", "t", 1], ["add", "t", 2], ["add", "u", "_T.t"], ["remove", "t"]], {"u": 2}),
            ([["copy", "*"], ["add", "t", 1], ["remove", "t"]], {"_id": "1"}),
            ([["add", "t", 1], ["remove", "t"], ["add", "u", "_T.t"]], {"u": None}),
            ([["default", "t", 3], ["add", "t", 1], ["remove", "t"], ["add", "u", "_T.t"]], {"u": None}),
            ([["add", "t", 1], ["merge", {"t": 5}], ["add", "u", "_T.t"], ["remove", "t"]], {"u": 5}),
        ],
    )
    def test_where_something_else_could_see_it_it_is_stored(self, rule, expected):
        assert self.applied(rule, {})[1] == expected
