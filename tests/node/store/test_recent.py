from dataflow.node.store.recent import Recent


def test_what_was_asked_for_lately_stays_and_the_room_is_bounded():
    recent = Recent(size=100)
    for number in range(1000):
        recent.put((1, number), {"n": number}, 10)
        assert recent.get((1, 0)) == {"n": 0}
    held = [number for number in range(1000) if recent.get((1, number)) is not None]
    assert 10 <= len(held) <= 20
    assert set(range(995, 1000)) <= set(held)
    recent.clear()
    assert recent.get((1, 0)) is None


def test_large_versions_leave_sooner():
    recent = Recent(size=100)
    for number in range(10):
        recent.put((1, number), {"n": number}, 90)
    assert [recent.get((1, number)) is not None for number in (9, 8, 5, 0)] == [True, True, False, False]
