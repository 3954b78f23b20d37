"""Golden pairs of bad files and what is said of them, and what good files become."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rangectl.errors import InvalidFileError
from rangectl.model.parse.documents import Kind
from rangectl.model.parse.exercises import load_exercise, parse_exercise
from rangectl.model.parse.profiles import load_profile
from rangectl.model.parse.schemas import schema
from rangectl.model.parse.topologies import load_topology, parse_topology
from rangectl.model.parse.yaml_nodes import MAX_BYTES
from rangectl.model.roles import Argument
from rangectl.model.topology import RoleUse
from rangectl.store import library
from rangectl.wiring import reading
from tests.model.mutate import BASES, mutants

ROOT = Path(__file__).parents[2]
BAD = sorted((Path(__file__).parent / "bad").glob("*.yaml"))
ROLES: dict[str, dict[str, Argument] | None] = {
    **dict.fromkeys(("base", "resolver", "web", "router", "sinkhole", "workstation", "kit")),
    "needy": {"port": Argument("int", required=True)},
}
ENTRIES = {
    **dict.fromkeys(("cron.dropin", "cron.user", "ssh.authkey", "suid.copy"), frozenset[str]()),
    "c2.http": frozenset({"cron.user"}),
}
MINIMAL = parse_topology((ROOT / "topologies/minimal.yaml").read_bytes(), "minimal.yaml")


def load(name: str, source: str | bytes) -> object:
    if name.startswith("traffic"):
        return load_profile(source, name)
    if name.startswith("topology"):
        fetch = library.included(Path(__file__).parent / "bad" / name)
        return load_topology(source, name, ROLES, ["debian"], fetch=fetch)
    return load_exercise(source, name, {"minimal": MINIMAL}, ENTRIES, profiles=["office-day"])


def problems(name: str, source: str | bytes) -> tuple[str, ...]:
    with pytest.raises(InvalidFileError) as caught:
        load(name, source)
    return caught.value.problems


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_file_is_told_all_that_is_wrong(path: Path) -> None:
    told = "\n".join(problems(path.name, path.read_bytes())) + "\n"
    golden = path.with_suffix(".txt")
    if os.environ.get("REGENERATE"):
        golden.write_text(told)
    assert told == golden.read_text()


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_every_problem_has_its_place(path: Path) -> None:
    for line in path.with_suffix(".txt").read_text().splitlines():
        name, row, column, rest = line.split(":", 3)
        assert (row.isdigit(), column.isdigit()) == (True, True)
        assert name == path.name or name.startswith("parts/")
        assert rest.strip()


def test_the_shipped_topology_is_sound() -> None:
    source = (ROOT / "topologies/minimal.yaml").read_bytes()
    assert load_topology(source, "minimal.yaml", ROLES).model.name == "minimal"


def test_the_shipped_exercise_is_sound_and_uses_every_implant() -> None:
    source = (ROOT / "exercises/first-light.yaml").read_bytes()
    exercise = load_exercise(source, "x.yaml", {"minimal": MINIMAL}, ENTRIES).model
    used = {stage.implant for actor in exercise.actors.values() for stage in actor.chain}
    assert used == set(ENTRIES)


def test_a_list_of_segments_stands_for_addresses_to_choose() -> None:
    assert MINIMAL.hosts["edge"].segments == {"internet": None, "office": None, "kit": None}


def test_a_role_may_be_a_word_or_a_word_with_variables() -> None:
    web = RoleUse(name="web", vars={"site": "intranet"})
    assert MINIMAL.hosts["web01"].roles == (RoleUse(name="base"), web)
    assert MINIMAL.groups["server"].roles == (RoleUse(name="base"),)


def test_on_and_yes_are_words() -> None:
    source = (ROOT / "exercises/first-light.yaml").read_text().replace("A first hunt", "yes")
    exercise = parse_exercise(source, "x.yaml")
    assert exercise.actors["karsk-2"].chain[0].on == "web01"


def test_a_role_is_given_the_variables_it_takes() -> None:
    roles = {
        **ROLES,
        "web": {"site": Argument(choices=("intranet",)), "port": Argument("int", required=True)},
    }
    source = (ROOT / "topologies/minimal.yaml").read_text()

    def told(variables: str) -> list[str]:
        text = source.replace("{site: intranet}", variables)
        with pytest.raises(InvalidFileError) as caught:
            load_topology(text, "x", roles)
        return [line.partition("hosts.web01.roles[0]")[2] for line in caught.value.problems]

    assert told("{sites: intranet, port: 80}") == [
        '.vars.sites: role "web" has no variable "sites" (did you mean "site"?)'
    ]
    assert told("{site: extranet}") == [
        ': role "web" needs the variable "port" (write web: {port: ...})',
        '.vars.site: must be intranet, not "extranet"',
    ]
    assert told("{port: http}") == [".vars.port: must be a whole number"]


@pytest.mark.parametrize("character", ["\ud800", "\u200b", "\ufeff", "\x85", "\U000e0041"])
def test_what_cannot_be_seen_is_refused(character: str) -> None:
    told = problems("topology", f"version: 1\nname: a{character}b\n")
    code = f"U+{ord(character):04X}"
    assert told == (f"topology:2:8: the file holds the unprintable character {code} (remove it)",)


def test_lines_may_end_as_on_other_systems() -> None:
    source = (ROOT / "topologies/minimal.yaml").read_text().replace("\n", "\r\n")
    assert parse_topology(source, "minimal.yaml") == MINIMAL


def test_problems_are_told_up_to_a_number() -> None:
    hosts = "".join(f"  h{index}: {{segments: [nowhere]}}\n" for index in range(500))
    source = "version: 1\nname: x\nsegments: {a: {zone: partner, subnet: 10.0.0.0/16}}\nhosts:\n"
    told = problems("topology", source + hosts)
    assert len(told) == 101
    assert told[-1] == "topology: and 400 more problems"


@pytest.mark.parametrize("kind", ["topology", "exercise", "traffic"])
def test_a_schema_names_the_required_keys(kind: Kind) -> None:
    assert {"version", "name"} <= set(schema(kind)["required"])


HEAD = "version: 1\nname: x\nsegments: {a: {zone: partner, subnet: 10.0.0.0/16}}\n"
MIB = MAX_BYTES
HOSTILE: dict[str, Callable[[], str | bytes]] = {
    "too large": lambda: b"a" * (MIB + 1),
    "brackets": lambda: "[" * MIB,
    "braces": lambda: "{a: " * (MIB // 4),
    "many values": lambda: "a: [" + "1," * (MIB // 2 - 10) + "]",
    "many keys": lambda: "".join(f"k{index}: 1\n" for index in range(MIB // 12)),
    "same key": lambda: "a: 1\n" * (MIB // 6),
    "question marks": lambda: "? " * (MIB // 2),
    "dashes": lambda: "- " * (MIB // 2),
    "one word": lambda: "a" * MIB,
    "long key": lambda: "a" * (MIB - 5) + ": 1\n",
    "quotes": lambda: '"' + "\\n" * (MIB // 2 - 4) + '"',
    "anchors": lambda: "a: [" + "&a 1," * (MIB // 6) + "]",
    "laughs": lambda: (
        "a: &a [x,x]\n" + "".join(f"{chr(98 + index)}: &b{index} [*a,*a]\n" for index in range(20))
    ),
    "comments": lambda: "#\n" * (MIB // 2),
    "hosts": lambda: (
        HEAD + "hosts:\n" + "".join(f"  h{index}: {{segments: [b]}}\n" for index in range(11_000))
    ),
    "roles": lambda: (
        HEAD + "hosts:\n  h:\n    segments: [a]\n    roles: [" + "{vars: {}}," * 16_000 + "]"
    ),
    "policy": lambda: (
        HEAD
        + "hosts:\n  h:\n    segments: [b]\n    policy:\n"
        + "      - {from: b, to: b, alow: [c]}\n" * 8000
    ),
    "chain of groups": lambda: (
        HEAD + "groups:\n" + "".join(f"  g{i}: {{extends: g{i + 1}}}\n" for i in range(6000))
    ),
    "groups in circles": lambda: (
        f"{HEAD}hosts: {{h: {{group: g0, segments: [a]}}}}\ngroups:\n"
        + "".join(f"  g{i}: {{extends: [g{(i + 1) % 400}, g{i // 2}]}}\n" for i in range(400))
    ),
    "millions of names": lambda: (
        HEAD + "hosts:\n" + "".join(f"  h{i}-[1-9999]: {{segments: [a]}}\n" for i in range(5000))
    ),
    "variables": lambda: (
        f'{HEAD}vars: {{v: {"x" * 400}}}\ndescription: "{"${v}" * 200_000}"\nhosts: {{}}\n'
    ),
    "rules of zones": lambda: (
        "version: 1\nname: x\nsegments:\n"
        + "".join(f"  s{i}: {{zone: partner, subnet: 10.{i}.0.0/16}}\n" for i in range(60))
        + f"hosts:\n  r:\n    kind: router\n    segments: [{', '.join(f's{i}' for i in range(60))}]"
        + "\n    policy:\n"
        + "      - {from: zone partner, to: zone partner, allow: [any]}\n" * 400
    ),
    "unknown keys": lambda: (
        HEAD + "hosts:\n" + "".join(f"  h{index}: {{segmens: [b]}}\n" for index in range(11_000))
    ),
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_file_is_refused_at_once(source: Callable[[], str | bytes]) -> None:
    text = source()
    assert any(seconds_to_refuse(text) < 1.0 for _ in range(3))  # a neighbour may disturb one


def seconds_to_refuse(text: str | bytes) -> float:
    begin = time.process_time()
    assert problems("topology", text)
    return time.process_time() - begin


@pytest.mark.parametrize("base", BASES, ids=lambda path: path.stem)
def test_every_spoiled_line_is_named(base: Path, tmp_path: Path) -> None:
    found = mutants(base.read_text(), seed=7)
    assert len(found) > 80
    shutil.copytree(base.parent, tmp_path / "files")
    file = tmp_path / "files" / base.name
    for mutant in found[:: 1 + len(found) // 60]:
        file.write_text(mutant.text)
        told = reading.problems(str(file))
        named = {int(line.removeprefix(str(file)).split(":")[1]) for line in told}
        assert mutant.line in named, (mutant.how, told)
