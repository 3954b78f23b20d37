"""Whatever bytes come, reading them ends in a model or in problems that were told."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from rangectl.errors import InvalidFileError
from rangectl.model.parse.exercises import load_exercise
from rangectl.model.parse.problem import nearest
from rangectl.model.parse.topologies import load_topology, parse_topology
from rangectl.model.topology import Topology

ROOT = Path(__file__).parents[2]
TOPOLOGY = (ROOT / "topologies/minimal.yaml").read_bytes()
EXERCISE = (ROOT / "exercises/first-light.yaml").read_bytes()
MINIMAL = parse_topology(TOPOLOGY, "minimal.yaml")
ENTRIES = {"c2.http": frozenset({"cron.user"}), "cron.user": frozenset[str]()}
TOKENS = st.sampled_from(
    [
        *(b"", b"-", b"x", b"[", b"]", b"{", b"}", b":", b": ", b"\n", b"\n  ", b"- ", b"null"),
        *(b"7", b"-1", b"1e9", b"'", b'"', b"*a", b"&a ", b"!x ", b"? ", b"<<: ", b"\t", b"\x00"),
        *(b"\xff", b"#", b"|", b">", b"%", b"---\n", b"...", b"true", b"60s", b"99h", b"10.0.0.1"),
        *(b"0.0.0.0/0", b"router", b"kit", b"office", b"*", b"9" * 21, b"1.5", b"[key]", b"vars: "),
    ]
)
SPLICES = st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 30), TOKENS), max_size=4)
Mutation = list[tuple[int, int, bytes]]


def spliced(source: bytes, splices: Mutation) -> bytes:
    for start, length, token in splices:
        place = start % len(source)
        source = source[:place] + token + source[place + length :]
    return source


def told(source: str | bytes) -> tuple[str, ...]:
    found: tuple[str, ...] = ()
    for load in (read_topology, read_exercise):
        try:
            load(source)
        except InvalidFileError as error:
            found += error.problems or ("refused without a reason",)
    return found


def read_topology(source: str | bytes) -> object:
    return load_topology(source, "file.yaml", {"base": None, "web": None})


def read_exercise(source: str | bytes) -> object:
    topologies: dict[str, Topology] = {"minimal": MINIMAL}
    return load_exercise(source, "file.yaml", topologies, ENTRIES)


def assert_refused(lines: Sequence[str]) -> None:
    """Both readers refused it, each with a place."""
    assert len(lines) >= 2
    assert [line for line in lines if not line.startswith("file.yaml:")] == []


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_random_bytes_are_refused(source: bytes) -> None:
    assert_refused(told(source))


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_random_text_is_refused(source: str) -> None:
    assert_refused(told(source))


@given(SPLICES)
@settings(max_examples=400, deadline=None)
def test_a_mutated_topology_is_read_or_refused(splices: Mutation) -> None:
    for line in told(spliced(TOPOLOGY, splices)):
        assert line.isprintable()


@given(SPLICES)
@settings(max_examples=400, deadline=None)
def test_a_mutated_exercise_is_read_or_refused(splices: Mutation) -> None:
    for line in told(spliced(EXERCISE, splices)):
        assert line.isprintable()


def test_a_name_that_is_not_printable_is_not_offered() -> None:
    assert nearest("kit", {"k\tit"}) is None
    assert nearest("kit", {"k\tit", "kits"}) == 'did you mean "kits"?'
