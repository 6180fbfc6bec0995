"""Random small packages: what comes in, two or three pipes with random rules one behind the other, and a dataset to hop to."""

from hypothesis import strategies as st

NAMES = ("a", "b", "c", "d", "n")
INNER = ("x", "y")

values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(0, 3),
    st.sampled_from(["", "k1", "k2", "A", "a b"]),
    st.lists(st.sampled_from(["k1", "k2", 1, 2]), max_size=2),
    st.fixed_dictionaries({"x": st.sampled_from([1, 2, "k1"])}, optional={"y": st.sampled_from(["k1", "q", None])}),
    st.lists(st.fixed_dictionaries({"x": st.integers(0, 2), "y": st.sampled_from(["k1", "k2"])}), max_size=2),
)
entities = st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, values)), min_size=1, max_size=3).map(
    lambda found: [{"_id": f"e{number}", **entity} for number, entity in enumerate(found)]
)

names = st.sampled_from(NAMES)
paths = st.one_of(
    names.map(lambda name: f"_S.{name}"),
    names.map(lambda name: f"_T.{name}"),
    st.tuples(names, st.sampled_from(INNER)).map(lambda pair: f"_S.{pair[0]}.{pair[1]}"),
    st.just("_S._id"),
)
constants = st.one_of(st.integers(0, 3), st.sampled_from(["k1", "A", ""]), st.none())


def _functions(inner):
    """Expressions around others; functions of one element stand in those that take them."""
    element = st.sampled_from(["_.", "_.x", ["eq", "_.x", 1], ["is-not-null", "_."], ["string", "_."], "k1"])
    one = ["upper", "string", "first", "last", "count", "is-null", "is-not-empty"]
    one += ["reversed", "sorted", "distinct", "flatten", "keys", "json"]
    two = ["eq", "neq", "concat", "combine", "union", "list", "coalesce-args", "and", "intersection", "difference"]
    return st.one_of(
        st.tuples(st.sampled_from(one), inner).map(list),
        st.tuples(st.sampled_from(two), inner, inner).map(list),
        st.tuples(st.just("if"), inner, inner, inner).map(list),
        st.tuples(st.just("case-eq"), inner, constants, inner, inner).map(list),
        st.tuples(st.sampled_from(["map", "filter", "sorted"]), element, inner).map(list),
        st.tuples(st.just("path"), st.sampled_from(INNER), inner).map(list),
        st.tuples(inner, inner).map(lambda pair: ["dict", "x", pair[0], "y", pair[1]]),
        st.tuples(st.just("map-values"), element, inner).map(list),
        st.tuples(st.just("apply"), st.just("part"), inner).map(list),
        st.builds(
            lambda key, returned: [
                "hops",
                {"datasets": ["other o"], "where": [["eq", key, "o.k"]], "return": returned},
            ],
            names.map(lambda name: f"_S.{name}"),
            st.sampled_from(["o", "o.v", ["concat", "o.v", "!"]]),
        ),
    )


expressions = st.recursive(st.one_of(paths, constants), _functions, max_leaves=5)
_patterns = st.one_of(st.just("*"), names, st.lists(names, min_size=1, max_size=2).map(lambda found: ["list", *found]))


def _nested(inner):
    some = st.lists(inner, min_size=1, max_size=2)
    return st.one_of(
        st.tuples(st.just("if"), expressions, some).map(list),
        st.tuples(st.just("if"), expressions, some, some).map(list),
        st.tuples(st.just("case-eq"), expressions, constants, some, some).map(list),
    )


transforms = st.recursive(
    st.one_of(
        st.tuples(st.just("add"), names, expressions).map(list),
        st.tuples(st.just("add-if"), names, expressions).map(list),
        st.tuples(
            st.just("add-if"), names, st.sampled_from([["is-not-empty", "_."], ["eq", "_.", "k1"]]), expressions
        ).map(list),
        st.tuples(st.just("default"), names, expressions).map(list),
        st.tuples(st.just("copy"), _patterns).map(list),
        st.tuples(st.just("copy"), st.just("*"), _patterns).map(list),
        st.tuples(st.just("rename"), names, names).map(list),
        st.tuples(st.just("remove"), names).map(list),
        st.tuples(st.just("merge"), expressions).map(list),
        st.tuples(st.just("filter"), expressions).map(list),
        st.tuples(st.just("discard"), expressions).map(list),
        st.builds(lambda name: ["create", ["dict", "_id", ["concat", "_S._id", "-c"], "a", name]], expressions),
    ),
    _nested,
    max_leaves=3,
)
_read = st.sampled_from(["_S.x", "_S.y", "_R._S.a", "_P._T.b", "k1"])
_part = st.one_of(
    st.tuples(st.just("add"), st.sampled_from(INNER), _read).map(list),
    st.sampled_from(
        [["copy", "*"], ["copy", "x"], ["if", ["eq", "_S.x", 1], ["add", "y", "_S.y"]], ["filter", ["eq", "_S.x", 1]]]
    ),
)
rules = st.fixed_dictionaries(
    {"default": st.lists(transforms, min_size=1, max_size=4), "part": st.lists(_part, min_size=1, max_size=2)}
)
chains = st.lists(rules, min_size=1, max_size=3)


def configs(chain, namespaced=False):
    """The pipes: `in` and `other` take what is posted, `p0`, `p1`, ... read one behind the other."""
    made = [
        {"_id": "in", "type": "pipe", "source": {"type": "http_endpoint"}, "add_namespaces": False},
        {
            "_id": "other",
            "type": "pipe",
            "source": {"type": "http_endpoint"},
            "add_namespaces": False,
        },
    ]
    before = "in"
    for number, given in enumerate(chain):
        made.append(
            {
                "_id": f"p{number}",
                "type": "pipe",
                "source": {"type": "dataset", "dataset": before},
                "transform": {"type": "dtl", "rules": given},
                "namespaced_identifiers": namespaced,
            }
        )
        before = f"p{number}"
    return made
