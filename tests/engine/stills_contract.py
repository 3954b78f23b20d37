"""What every implementation of the port Stills promises."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from rangectl.plan import snapshots
from rangectl.plan.containers import Seen
from rangectl.plan.spec import RangeSpec
from rangectl.ports import Engine, Stills
from tests.engine.engine_contract import Stop, wanted

AT = datetime(2026, 1, 5, 8, tzinfo=UTC)
Note = Callable[[str, str], None]
"""Writes a file into a container: its id, and the path."""


class StillsContract:
    """Subclass it in a module with the fixtures `engine`, `stills`, `spec`, `image`, `stop`, and
    `note` and `noted` (write and look for a file).
    """

    @pytest.fixture
    def desk(self, engine: Engine, spec: RangeSpec, image: str) -> Seen:
        made = engine.create(wanted(spec, image)[1:2])[0]
        engine.start([made.id])
        return made

    @pytest.fixture
    def taken(self, stills: Stills, desk: Seen, spec: RangeSpec) -> Iterator[str]:
        made = stills.take(desk.id, snapshots.labels(spec.id, "desk", "kept", AT, "f"))
        yield made
        stills.discard([made])

    def states(self, engine: Engine, spec: RangeSpec) -> list[tuple[bool, bool]]:
        return [(one.running, one.frozen) for one in engine.seen(spec.id.name)]

    def test_what_is_frozen_runs_and_is_seen_to_be_frozen(
        self, engine: Engine, stills: Stills, desk: Seen, spec: RangeSpec
    ) -> None:
        for _ in range(2):
            stills.freeze([desk.id])
            assert self.states(engine, spec) == [(True, True)]
        assert stills.last_words(desk.id) == "it is frozen"
        for _ in range(2):
            stills.thaw([desk.id])
            assert self.states(engine, spec) == [(True, False)]

    def test_what_stands_still_is_not_frozen(
        self, engine: Engine, stills: Stills, desk: Seen, spec: RangeSpec, stop: Stop
    ) -> None:
        stop(desk.id)
        stills.freeze([desk.id])
        stills.thaw([desk.id])
        assert self.states(engine, spec) == [(False, False)]

    def test_what_is_frozen_can_be_removed(
        self, engine: Engine, stills: Stills, desk: Seen, spec: RangeSpec
    ) -> None:
        stills.freeze([desk.id])
        engine.remove([desk.id])
        assert self.states(engine, spec) == []

    def test_a_container_tells_whether_it_runs(
        self, stills: Stills, desk: Seen, stop: Stop
    ) -> None:
        assert stills.last_words(desk.id).splitlines()[0] == "it runs"
        stop(desk.id)
        assert stills.last_words(desk.id).startswith("it ended with code ")
        assert stills.last_words("0" * 64) == "its container is gone"

    def test_what_was_taken_is_known_with_its_labels(
        self, stills: Stills, taken: str, spec: RangeSpec
    ) -> None:
        (found,) = (one for one in stills.snapshots() if one.range == spec.id)
        told = (found.image, found.host, found.word, found.at, found.furnished)
        assert told == (taken, "desk", "kept", AT, "f")

    def test_the_newest_comes_first(
        self, stills: Stills, taken: str, desk: Seen, spec: RangeSpec
    ) -> None:
        later = snapshots.labels(spec.id, "desk", "kept", AT + timedelta(seconds=1), "f")
        new = stills.take(desk.id, later)
        found = [one.image for one in stills.snapshots() if one.range == spec.id]
        stills.discard([new])
        assert found == [new, taken]

    def test_a_container_of_what_was_taken_has_its_files_and_keeps_it(
        self, engine: Engine, stills: Stills, desk: Seen, spec: RangeSpec, note: Note, noted: Note
    ) -> None:
        note(desk.id, "/srv/note")
        image = stills.take(desk.id, snapshots.labels(spec.id, "desk", "kept", AT, "f"))
        engine.remove([desk.id])
        (made,) = engine.create(wanted(spec, image)[1:2])
        engine.start([made.id])
        noted(made.id, "/srv/note")
        assert stills.discard([image]) == (image,)
        engine.remove([made.id])
        assert stills.discard([image]) == ()
        assert [one for one in stills.snapshots() if one.range == spec.id] == []

    def test_what_is_gone_can_be_discarded_again(self, stills: Stills) -> None:
        assert stills.discard([f"sha256:{'0' * 64}"]) == ()
