from dataflow.expect.diff import Difference, Kind, differences


def found(expected, current):
    return list(differences(expected, current))


def test_nothing_differs():
    assert found([{"_id": "a", "x": [1, {"y": None}]}], [{"x": [1, {"y": None}], "_id": "a"}]) == []


def test_missing_and_unexpected_entities_come_by_id():
    assert found([{"_id": "b"}, {"_id": "a", "x": 1}], [{"_id": "a", "x": 1}, {"_id": "c"}]) == [
        Difference(Kind.MISSING, "b", "", expected={"_id": "b"}),
        Difference(Kind.UNEXPECTED, "c", "", actual={"_id": "c"}),
    ]


def test_values_come_by_pointer():
    expected = {"_id": "a", "gone": None, "same": 1, "x/y~z": {"n": [1, 2]}, "one": 1}
    current = {"_id": "a", "new": None, "same": 1, "x/y~z": {"n": [1, 3]}, "one": True}
    assert found([expected], [current]) == [
        Difference(Kind.MISSING, "a", "/gone", expected=None),
        Difference(Kind.UNEXPECTED, "a", "/new", actual=None),
        Difference(Kind.CHANGED, "a", "/one", expected=1, actual=True),
        Difference(Kind.CHANGED, "a", "/x~1y~0z/n/1", expected=2, actual=3),
    ]


def test_an_element_put_in_front_is_one_difference():
    assert found([{"_id": "a", "x": [2, 3]}], [{"_id": "a", "x": [1, 2, 3]}]) == [
        Difference(Kind.UNEXPECTED, "a", "/x/0", actual=1)
    ]


def test_an_element_taken_out_is_one_difference():
    assert found([{"_id": "a", "x": [1, {"k": 2}, 3]}], [{"_id": "a", "x": [1, 3]}]) == [
        Difference(Kind.MISSING, "a", "/x/1", expected={"k": 2})
    ]


def test_a_duplicate_is_unexpected_and_not_a_change():
    assert found([{"_id": "a", "x": 1}], [{"_id": "a", "x": 0}, {"_id": "a", "x": 1}]) == [
        Difference(Kind.UNEXPECTED, "a", "", actual={"_id": "a", "x": 0})
    ]


def test_entities_without_an_id_are_told_apart_too():
    assert found([{"n": 1}], [{"n": 2}]) == [Difference(Kind.CHANGED, "null", "/n", expected=1, actual=2)]
