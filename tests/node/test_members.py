"""What a merge knows of its members: node-semantics, section 2.1 (2)."""

from itertools import product

from dataflow.dtl.values import NI, URI, Date, Datetime, key
from dataflow.node.members import Members


def test_groups_follow_the_values_their_members_have():
    members = Members(datasets=2, sides=2)
    a, b, c = (
        members.put(position, i, [(position, "x")], deleted=False) for position, i in ((0, "a"), (1, "b"), (1, "c"))
    )
    assert list(members.groups([a])) == [[a, b, c]]
    members.put(1, "b", [(1, "y")], deleted=False)
    assert sorted(members.groups([a, b])) == [[a, c], [b]]
    members.put(0, "a", [(0, "x"), (0, "y")], deleted=False)
    assert list(members.groups([c])) == [[a, b, c]]


def test_nothing_stays_of_a_value_that_nobody_has_any_more():
    members = Members(datasets=1, sides=2)
    for i in "abc":
        members.put(0, i, [(0, "x")], deleted=False)
    for i in "abc":
        members.put(0, i, [], deleted=True)
    assert not any(members._having)


def test_values_are_equal_here_exactly_when_they_are_equal():
    texts = ["", "~", "~:a:b", "~~:a:b", "~rx", "NI"]
    values = [
        *texts,
        NI.of("a:b"),
        NI.of(":a:b"),
        URI("~rx"),
        1,
        1.0,
        True,
        b"1",
        [],
        ["~:a:b"],
        {},
        Date(0),
        Datetime(0),
        Datetime(1),
    ]
    for one, other in product(values, values):
        members = Members(datasets=2, sides=2)
        numbers = [
            members.put(position, "x", [(position, key(value))], deleted=False)
            for position, value in enumerate((one, other))
        ]
        together = len(list(members.groups(numbers))) == 1
        assert together == (key(one) == key(other)), (one, other)
