"""What a merge knows of its members: node-semantics, section 2.1 (2)."""

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
