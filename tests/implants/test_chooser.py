from rangectl.implants.chooser import Chooser


def test_the_same_key_gives_the_same_choices() -> None:
    assert Chooser(b"k").bytes(100) == Chooser(b"k").bytes(100)


def test_another_key_gives_other_choices() -> None:
    assert Chooser(b"k").bytes(32) != Chooser(b"l").bytes(32)


def test_a_fork_does_not_depend_on_what_was_chosen_before() -> None:
    one, two = Chooser(b"k"), Chooser(b"k")
    one.bytes(64)
    assert one.fork("x").token(16) == two.fork("x").token(16)


def test_choices_are_spread_evenly() -> None:
    choose = Chooser(b"k")
    counts = [0] * 10
    for _ in range(10_000):
        counts[choose.below(10)] += 1
    assert all(850 < count < 1150 for count in counts)


def test_shuffling_keeps_every_value_and_reaches_every_place() -> None:
    choose = Chooser(b"k")
    firsts = set()
    for _ in range(200):
        mixed = choose.shuffled(range(5))
        assert sorted(mixed) == list(range(5))
        firsts.add(mixed[0])
    assert firsts == set(range(5))
