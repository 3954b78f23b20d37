"""The steps from what is there to what is wanted."""

from __future__ import annotations

from dataclasses import replace

from rangectl.model.topology import Limits
from rangectl.plan.containers import Container, Seen, host_container, switch_container
from rangectl.plan.diff import Create, Remove, Start, Step, steps
from rangectl.plan.spec import HostKind, HostSpec, RangeSpec
from tests.plan.test_desired import SPEC

WEB = SPEC.host("web01")


def host(spec: HostSpec = WEB, image: str = "sha256:1") -> Container:
    return host_container(SPEC.id, spec, image, "secret")


def switch(spec: RangeSpec = SPEC, image: str = "sha256:0") -> Container:
    return switch_container(spec, image, "secret")


def there(made: Container, *, running: bool = True) -> Seen:
    kind: HostKind = "switch" if made.hostname == "switch" else "host"
    return Seen("1", SPEC.id, kind, made.hostname, running=running, labels=made.labels)


def told(found: tuple[Step, ...]) -> list[tuple[str, str, str]]:
    return [
        (type(step).__name__, step.container.hostname, step.why)
        if isinstance(step, Create)
        else (type(step).__name__, step.seen.host, step.why)
        for step in found
    ]


def test_what_is_as_wanted_takes_no_step() -> None:
    assert steps([switch(), host()], [there(switch()), there(host())]) == ()


def test_what_is_missing_is_created() -> None:
    assert steps([host()], []) == (Create(host(), "is missing"),)


def test_what_nobody_wants_is_removed() -> None:
    assert steps([], [there(host())]) == (Remove(there(host()), "is not in the topology"),)


def test_what_stands_still_is_started() -> None:
    still = there(host(), running=False)
    assert steps([host()], [still]) == (Start(still, host(), "is stopped"),)


def test_a_changed_host_is_removed_before_it_is_created() -> None:
    changed = host(replace(WEB, limits=Limits(memory="256MiB")))
    why = f"its limits.memory: {WEB.limits.memory} -> 256MiB"
    assert steps([changed], [there(host())]) == (Remove(there(host()), why), Create(changed, why))


def test_another_image_is_given_as_the_reason() -> None:
    found = told(steps([host(image="sha256:2")], [there(host())]))
    assert {why for *_, why in found} == {"its image: sha256:1 -> sha256:2"}


def test_a_stopped_host_that_changed_is_remade_and_not_started() -> None:
    still = there(host(), running=False)
    kinds = [kind for kind, *_ in told(steps([host(image="sha256:2")], [still]))]
    assert kinds == ["Remove", "Create"]


def test_all_removals_come_first() -> None:
    old = there(host(replace(WEB, name="old")))
    kinds = [kind for kind, *_ in told(steps([switch(), host(image="x")], [there(host()), old]))]
    assert kinds == ["Remove", "Remove", "Create", "Create"]


def test_a_switch_stays_when_its_image_changes() -> None:
    assert steps([switch(image="sha256:9")], [there(switch())]) == ()


def test_a_switch_is_remade_when_the_segments_change_that_its_label_tells() -> None:
    grown = switch(replace(SPEC, segments=SPEC.segments[:2]))
    found = told(steps([grown], [there(switch())]))
    assert [kind for kind, *_ in found] == ["Remove", "Create"]
    (why,) = {why for *_, why in found}
    assert why.startswith(f"its segments.{SPEC.segments[2].name}: {SPEC.segments[2].name} (")
    assert why.endswith(" -> none")
