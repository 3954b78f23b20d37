"""What images take of a disk, and which of them nobody needs."""

from __future__ import annotations

from rangectl.plan.shelf import Shelved, on_disk, rows, stands_on, surplus


def image(name: str, *layers: str, size: int, tag: str | None = None) -> Shelved:
    return Shelved(name, f"t:{name}" if tag is None else tag, tuple(layers[1:]), layers, size)


BASE = image("base", "b", size=100)
ONE = image("one", "b", "1", size=110)
BOTH = image("both", "b", "1", "2", size=115)
TWO = image("two", "b", "2", size=103)
OLD = image("old", "o", "1", size=90)
SHELF = (TWO, BOTH, OLD, ONE, BASE)


def names(images: tuple[Shelved, ...]) -> list[str]:
    return [one.id for one in images]


def test_each_image_owns_what_it_adds_to_the_one_below() -> None:
    owns = {row.id: row.own for row in rows(SHELF, {})}
    assert owns == {"base": 100, "one": 10, "both": 5, "two": 3, "old": 90}
    assert on_disk(SHELF) == sum(owns.values())


def test_an_image_that_has_two_names_takes_its_room_once() -> None:
    twin = image("twin", "b", "1", size=110)
    assert on_disk((BASE, ONE, twin)) == 110
    assert sorted(row.own for row in rows((BASE, ONE, twin), {})) == [0, 10, 100]


def test_users_are_known_by_id_or_by_tag() -> None:
    users = {"two": ["r/alder"], "t:two": ["minimal", "hospital"]}
    (row,) = (row for row in rows(SHELF, users) if row.id == "two")
    assert row.used_by == ("hospital", "minimal", "r/alder")


def test_nothing_is_removed_that_is_needed_or_lies_under_it() -> None:
    assert names(surplus(SHELF, {"t:both"}, ())) == ["old", "two"]


def test_nothing_is_removed_that_a_container_uses() -> None:
    assert names(surplus(SHELF, (), {"two"})) == ["both", "old", "one"]


def test_what_stands_on_others_goes_first() -> None:
    assert names(surplus(SHELF, (), ())) == ["both", "old", "one", "two", "base"]


def test_what_lost_its_name_is_needed_by_nobody() -> None:
    nameless = image("nameless", "b", "3", size=120, tag="")
    assert names(surplus((BASE, nameless), {"t:base"}, ())) == ["nameless"]


def test_an_image_stands_on_its_base_by_its_layers() -> None:
    assert stands_on(BOTH.layers, BASE.layers)
    assert not stands_on(OLD.layers, BASE.layers)
    assert not stands_on(BASE.layers, ONE.layers)
