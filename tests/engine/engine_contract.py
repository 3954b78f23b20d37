"""What every implementation of the port Engine promises."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from rangectl.errors import RangeError
from rangectl.plan.containers import Container, Seen, host_container, switch_container
from rangectl.plan.spec import RangeSpec
from rangectl.ports import Engine
from tests.engine.ranges import LABEL

Stop = Callable[[str], None]
NOWHERE = r"could not run a command|no such container"


def wanted(spec: RangeSpec, image: str) -> list[Container]:
    """Return the containers of a range, labelled as tests' own."""
    hosts = [host_container(spec.id, host, image, "secret") for host in spec.hosts]
    made = [switch_container(spec, image, "secret"), *hosts]
    mine = (LABEL, spec.id.name)
    return [replace(one, labels=tuple(sorted((*one.labels, mine)))) for one in made]


class EngineContract:
    """Subclass it in a module with the fixtures `engine`, `spec`, `image` and `stop`.

    `spec` is of a range that is this test's alone, and whose containers are removed after it.
    """

    @pytest.fixture
    def containers(self, spec: RangeSpec, image: str) -> list[Container]:
        return wanted(spec, image)

    @pytest.fixture
    def made(self, engine: Engine, containers: list[Container]) -> tuple[Seen, ...]:
        made = engine.create(containers)
        engine.start([one.id for one in made])
        return made

    def test_what_was_created_stands_still_and_is_told_in_the_order_asked_for(
        self, made: tuple[Seen, ...], containers: list[Container], spec: RangeSpec
    ) -> None:
        assert [one.host for one in made] == [one.hostname for one in containers]
        assert {(one.range, one.running) for one in made} == {(spec.id, False)}
        assert [one.kind for one in made] == ["switch", *(host.kind for host in spec.hosts)]

    def test_what_was_created_is_seen_with_its_labels(
        self, engine: Engine, made: tuple[Seen, ...], spec: RangeSpec, containers: list[Container]
    ) -> None:
        seen = {one.host: one for one in engine.seen(spec.id.name)}
        assert {host: one.id for host, one in seen.items()} == {one.host: one.id for one in made}
        for one in containers:
            assert set(one.labels) <= set(seen[one.hostname].labels)
        assert [seen[host.name].spec for host in spec.hosts] == list(spec.hosts)

    def test_ranges_are_seen_sorted_and_by_name(
        self, engine: Engine, made: tuple[Seen, ...], spec: RangeSpec
    ) -> None:
        seen = engine.seen(spec.id.name)
        assert [one.host for one in seen] == sorted(one.host for one in made)
        assert set(seen) <= set(engine.seen())
        assert engine.seen(f"{spec.id.name}x") == ()

    def test_what_is_there_already_is_adopted(
        self, engine: Engine, made: tuple[Seen, ...], containers: list[Container]
    ) -> None:
        again = engine.create(containers)
        assert [one.id for one in again] == [one.id for one in made]

    def test_what_was_started_runs(self, engine: Engine, made: tuple[Seen, ...]) -> None:
        assert {one.running for one in engine.seen(made[1].range.name)} == {True}

    def test_another_container_of_that_name_is_not_taken_for_it(
        self, engine: Engine, containers: list[Container]
    ) -> None:
        mine = containers[1]
        engine.create([mine])
        other = dict(mine.labels) | {"rangectl.digest": "x"}
        with pytest.raises(RangeError, match="exists and is another"):
            engine.create([replace(mine, labels=tuple(other.items()))])

    def test_what_stands_still_is_seen_so_and_can_be_started(
        self, engine: Engine, made: tuple[Seen, ...], stop: Stop
    ) -> None:
        stop(made[1].id)
        still = [one.id for one in engine.seen(made[1].range.name) if not one.running]
        assert still == [made[1].id]
        engine.start(still)
        assert all(one.running for one in engine.seen(made[1].range.name))

    def test_what_runs_can_be_started_again(self, engine: Engine, made: tuple[Seen, ...]) -> None:
        engine.start([one.id for one in made])
        assert all(one.running for one in engine.seen(made[0].range.name))

    def test_what_is_not_there_cannot_be_started(self, engine: Engine) -> None:
        with pytest.raises(RangeError, match=r".+"):
            engine.start(["0" * 64])

    def test_what_was_removed_is_gone_and_may_be_removed_again(
        self, engine: Engine, made: tuple[Seen, ...]
    ) -> None:
        for _ in range(2):
            engine.remove([one.id for one in made])
            assert engine.seen(made[0].range.name) == ()

    def test_a_removed_host_can_be_made_anew(
        self, engine: Engine, made: tuple[Seen, ...], containers: list[Container]
    ) -> None:
        engine.remove([made[1].id])
        (fresh,) = engine.create(containers[1:2])
        assert fresh.id != made[1].id
        assert fresh.labels == made[1].labels

    def test_a_command_ends_with_a_code(self, engine: Engine, made: tuple[Seen, ...]) -> None:
        assert engine.execute(made[1].id, ["true"]).code == 0

    def test_a_command_may_be_left_running(self, engine: Engine, made: tuple[Seen, ...]) -> None:
        began = time.monotonic()
        engine.spawn(made[1].id, ["sleep", "60"], "root")
        assert time.monotonic() - began < 30

    def test_nothing_can_be_run_where_nothing_runs(
        self, engine: Engine, made: tuple[Seen, ...], stop: Stop
    ) -> None:
        stop(made[1].id)
        for container in (made[1].id, "0" * 64):
            with pytest.raises(RangeError, match=NOWHERE):
                engine.execute(container, ["true"])
            with pytest.raises(RangeError, match=NOWHERE):
                engine.spawn(container, ["true"], "root")
