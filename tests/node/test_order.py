"""node-semantics, section 5.8."""

from node.pipes import content, embedded, merging, node_of, reader


def hopping(pipe_id, source, *datasets, **properties):
    hops = [["hops", {"datasets": [f"{d} x"], "where": [["eq", "_S._id", "x._id"]]}] for d in datasets]
    return reader(pipe_id, source, ["add", "n", ["list", *hops]], **properties)


def order(*configs):
    return list(node_of(*configs).run().pipes)


def test_pipes_run_after_what_they_read_hop_to_and_look_up():
    looking = reader("a-looks", "b", ["add", "n", ["lookup-entity", "z-looked", "x"]])
    found = order(
        looking,
        hopping("a-hops", "b", "z-hopped"),
        reader("a", "z"),
        embedded("z"),
        embedded("b"),
        embedded("z-looked"),
        embedded("z-hopped"),
    )
    for first, then in [("z", "a"), ("b", "a-hops"), ("z-hopped", "a-hops"), ("z-looked", "a-looks")]:
        assert found.index(first) < found.index(then)


def test_a_circle_is_entered_where_a_dataset_is_populated_on_load():
    # A share feeds back into collect; the transform hops to another global of the same circle.
    configs = [
        embedded("all"),
        hopping("z-collect", "all", "a-share"),
        merging("y-global", ["z-collect c"]),
        hopping("b-transform", "y-global", "x-other"),
        reader("x-other", "y-global"),
        hopping("a-share", "b-transform", "a-share", sink={"set_initial_offset": "onload"}),
    ]
    assert order(*configs) == ["all", "z-collect", "y-global", "x-other", "b-transform", "a-share"]


def test_what_follows_a_circle_waits_until_the_circle_rests():
    # The follower writes a log of the first value it sees, so that it tells when it ran.
    before = ["hops", {"datasets": ["follower x"], "where": [["eq", "_S._id", "x._id"]], "track-dependencies": False}]
    once = ["coalesce", ["list", ["path", "n", ["first", before]], "_S.n"]]
    number = ["hops", {"datasets": ["log x"], "where": [["eq", "_S._id", "x._id"]], "return": "x.n"}]
    node = node_of(
        embedded("start", {"_id": "1", "n": 0}),
        reader("count", "start", ["add", "n", ["coalesce", ["list", ["first", number], "_S.n"]]]),
        reader("follower", "count", ["add", "n", once], sink={"set_initial_offset": "onload"}),
        reader(
            "log", "count", ["add", "n", ["min", ["list", 3, ["+", 1, "_S.n"]]]], sink={"set_initial_offset": "onload"}
        ),
    )
    assert node.run().ok
    assert content(node, "follower") == {"1": {"n": 3}}


def test_a_dataset_may_have_another_name_than_its_pipe():
    assert order(reader("a", "data"), embedded("z", sink={"dataset": "data"})) == ["z", "a"]
