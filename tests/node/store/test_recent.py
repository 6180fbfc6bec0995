from dataflow.node.store.recent import Recent


def test_what_was_asked_for_lately_stays_and_the_number_is_bounded():
    recent = Recent(most=10)
    for number in range(1000):
        recent.put((1, number), {"n": number})
        assert recent.get((1, 0)) == {"n": 0}
    held = [number for number in range(1000) if recent.get((1, number)) is not None]
    assert 10 <= len(held) <= 20
    assert set(range(995, 1000)) <= set(held)
    recent.clear()
    assert recent.get((1, 0)) is None
