"""What every implementation of the port Images promises."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rangectl.errors import RangeError
from rangectl.plan.shelf import stands_on
from rangectl.plan.spec import RoleSpec
from rangectl.ports import Images, Shelf
from rangectl.progress import Progress

ONE = RoleSpec("one")
TWO = RoleSpec("two")


def write_role(root: Path, name: str, word: str = "first") -> None:
    """Write a role of one small task, with one variable."""
    task = {
        "tasks/main.yml": (
            f"- name: Write {word}\n  ansible.builtin.copy:\n"
            f"    content: '{word} {{{{ colour }}}}'\n    dest: /etc/{name}\n    mode: '0644'\n"
        ),
        "defaults/main.yml": "colour: red\n",
        "meta/argument_specs.yml": (
            "argument_specs:\n  main:\n    options:\n      colour: {type: str, default: red}\n"
        ),
    }
    for path, text in task.items():
        (root / name / path).parent.mkdir(parents=True, exist_ok=True)
        (root / name / path).write_text(text)


class Said(list[Progress]):
    """Collects what was told."""

    def __call__(self, progress: Progress) -> None:
        self.append(progress)

    def roles(self) -> set[str]:
        """Return the roles that were worked on."""
        return {progress.what for progress in self if progress.what.startswith("role ")}


class ImagesContract:
    """Subclass it, giving `images` over the roles in `root`."""

    @pytest.fixture
    def root(self, tmp_path: Path) -> Path:
        for name in ("one", "two"):
            write_role(tmp_path / "roles", name)
        return tmp_path / "roles"

    @pytest.fixture
    @abstractmethod
    def images(self, root: Path) -> Iterable[Images]:
        """Make the implementation under test."""

    def test_the_same_asks_for_the_same_tag(self, images: Images) -> None:
        assert images.tag("debian", (ONE, TWO)) == images.tag("debian", (ONE, TWO))

    def test_another_variable_makes_another_tag(self, images: Images) -> None:
        blue = RoleSpec("one", (("colour", "blue"),))
        assert images.tag("debian", (ONE,)) != images.tag("debian", (blue,))

    def test_a_changed_role_moves_only_the_stacks_that_hold_it(
        self, images: Images, root: Path
    ) -> None:
        stacks = ((), (ONE,), (TWO,), (ONE, TWO))
        before = [images.tag("debian", stack) for stack in stacks]
        write_role(root, "two", "second")
        after = [images.tag("debian", stack) for stack in stacks]
        assert [a == b for a, b in zip(before, after, strict=True)] == [True, True, False, False]

    def test_an_unknown_role_is_refused_with_the_known_ones(self, images: Images) -> None:
        with pytest.raises(RangeError, match='unknown role "three"') as caught:
            images.ensure("debian", (RoleSpec("three"),), Said())
        assert caught.value.hint == "known: one, two"

    def test_an_unknown_base_is_refused_with_the_known_ones(self, images: Images) -> None:
        with pytest.raises(RangeError, match='unknown base image "plan9"') as caught:
            images.tag("plan9", ())
        assert caught.value.hint == "known: debian"

    def test_an_unknown_variable_is_refused_before_anything_is_built(self, images: Images) -> None:
        said = Said()
        with pytest.raises(RangeError, match='role "one" has no variable "color"'):
            images.ensure("debian", (RoleSpec("one", (("color", "red"),)),), said)
        assert said == []

    def test_what_is_built_is_not_built_again(self, images: Images) -> None:
        first, second = Said(), Said()
        made = images.ensure("debian", (ONE,), first)
        assert images.ensure("debian", (ONE,), second) == made
        assert first.roles() == {"role one"}
        assert second == []

    def test_what_is_built_is_found_and_what_is_not_is_not(self, images: Images) -> None:
        made = images.ensure("debian", (ONE,), Said())
        assert images.find("debian", (ONE,)) == made
        assert images.find("debian", (ONE, RoleSpec("two", (("colour", "blue"),)))) is None

    def test_two_who_ask_at_once_get_one_image(self, images: Images) -> None:
        said = (Said(), Said())
        with ThreadPoolExecutor(2) as pool:
            made = set(pool.map(lambda tell: images.ensure("debian", (TWO,), tell), said))
        assert len(made) == 1
        assert sorted(len(each.roles()) for each in said) == [0, 1]

    def test_after_a_change_of_a_role_only_what_depends_on_it_is_built(
        self, images: Images, root: Path
    ) -> None:
        for stack in ((ONE,), (ONE, TWO)):
            images.ensure("debian", stack, Said())
        write_role(root, "two", f"second-{time.time_ns()}")
        below, above = Said(), Said()
        images.ensure("debian", (ONE,), below)
        images.ensure("debian", (ONE, TWO), above)
        assert below == []
        assert above.roles() == {"role two"}

    def test_a_longer_stack_builds_only_what_it_adds(self, images: Images) -> None:
        images.ensure("debian", (ONE,), Said())
        said = Said()
        images.ensure("debian", (ONE, TWO), said)
        assert said.roles() == {"role two"}


class ShelfContract:
    """Subclass it beside ImagesContract, giving the `shelf` that has what `images` builds."""

    @pytest.fixture
    @abstractmethod
    def shelf(self, images: Images) -> Shelf:
        """Make the implementation under test."""

    def test_what_was_built_stands_on_the_shelf_until_it_is_removed(
        self, images: Images, shelf: Shelf
    ) -> None:
        made = images.ensure("debian", (ONE, TWO), Said())
        mine = {one.id: one for one in shelf.images()}
        below = next(one for one in mine.values() if one.tag == images.tag("debian", (ONE,)))
        assert mine[made].tag == images.tag("debian", (ONE, TWO))
        assert (mine[made].roles, below.roles) == (("one", "two"), ("one",))
        assert stands_on(mine[made].layers, below.layers)
        assert mine[made].size >= below.size > 0
        assert shelf.remove([mine[made]]) == (None,)
        assert shelf.remove([mine[made]]) == (None,)
        assert made not in {one.id for one in shelf.images()}
