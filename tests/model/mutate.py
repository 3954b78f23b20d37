"""Topologies and exercises spoiled in one place each, with the line that must be named."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).parents[2]
BASES = (
    *sorted((_ROOT / "topologies").glob("*.yaml")),
    *sorted((_ROOT / "exercises").glob("*.yaml")),
    _ROOT / "tests/e2e/small.yaml",
)
"""Sound files to spoil."""


@dataclass(frozen=True)
class Mutant:
    """A spoiled text: how it was spoiled, and the line (from 1) that must be named."""

    how: str
    text: str
    line: int


@dataclass(frozen=True)
class _Rule:
    """Spoils a line that matches a pattern; `at` finds the line to be named where it is another."""

    how: str
    pattern: str
    to: str
    at: str | None = None


_RULES = (
    _Rule("unknown version", r"^version: 1$", "version: 2"),
    _Rule("version is text", r"^version: 1$", "version: one"),
    _Rule("bad name", r"^name: \w+$", "name: Über all"),
    _Rule("unknown zone", r"zone: (\w+), ", "zone: nowhere, "),
    _Rule("unknown zone of a rule", r"from: zone (\w+)", r"from: zone \1s"),
    _Rule("no zone", r"zone: \w+, ", ""),
    _Rule("not a subnet", r"subnet: [\d./]+", "subnet: 10.20.1.0/33"),
    _Rule("host bits in a subnet", r"subnet: (\d+\.\d+\.\d+)\.0/(2\d)", r"subnet: \1.9/\2"),
    _Rule("a public subnet", r"subnet: 10\.[\d./]+", "subnet: 8.8.8.0/24"),
    _Rule(
        "a private subnet for the adversary",
        r"subnet: (?:192|198|203)[\d./]+",
        "subnet: 10.9.9.0/24",
    ),
    _Rule("too small a subnet", r"subnet: (\d+\.\d+\.\d+)\.0/\d+", r"subnet: \1.0/30"),
    _Rule("overlapping subnets", r"subnet: 10\.20\.9\.0/24", "subnet: 10.20.0.0/16"),
    _Rule("address outside", r"(segments: \{\w+: )10\.\d+\.\d+\.\d+\}", r"\g<1>10.250.2.10}"),
    _Rule("no address", r"(segments: \{\w+: )10\.[\d.]+\}", r"\g<1>ten}"),
    _Rule("the network's address", r"(segments: \{\w+: 10\.\d+\.\d+)\.\d+\}", r"\1.0}"),
    _Rule("the checks' address", r"(segments: \{\w+: 10\.\d+\.\d+)\.\d+\}", r"\1.254}"),
    _Rule("unknown segment", r"segments: \[(\w+)", r"segments: [\1s"),
    _Rule("segment twice", r"segments: \[(\w+)", r"segments: [\1, \1"),
    _Rule("segments is a word", r"segments: \[(\w+)\]", r"segments: \1"),
    _Rule("no segment", r"segments: \[[^]]+\]", "segments: []"),
    _Rule(
        "lonely segment",
        r"segments: \[internet, office, kit\]",
        "segments: [internet, kit]",
        "^  office:",
    ),
    _Rule("unknown kind", r"kind: (router|kit|light)\b", r"kind: \1s"),
    _Rule(
        "kit on a partner's segment",
        r"\{kind: kit, segments: \[kit\]\}",
        "{kind: kit, segments: [office]}",
    ),
    _Rule("unknown group", r"group: (\w+)", r"group: \1s"),
    _Rule("count of none", r"count: \d+", "count: 0"),
    _Rule("count is a word", r"count: \d+", "count: three"),
    _Rule("unknown role", r"roles: \[(web|workstation|resolver|sinkhole)", r"roles: [\1y"),
    _Rule("unknown variable", r"site: intranet", "sight: intranet"),
    _Rule("unknown choice", r"site: intranet", "site: extranet"),
    _Rule("role twice", r"roles: \[workstation\]", "roles: [workstation, workstation]"),
    _Rule("unknown check", r"check: (\w+)", r"check: \1x"),
    _Rule("no check", r"check: \w+, ", ""),
    _Rule("port too high", r"port: (\d+)", r"port: 99\g<1>99"),
    _Rule("port is text", r"port: (\d+)", r"port: p\1"),
    _Rule("port in quotes", r"port: (\d+)", r'port: "\1"'),
    _Rule("no port", r", port: \d+", ""),
    _Rule("dns without a query", r", query: \w+", ""),
    _Rule("query of another check", r"check: http, ", "check: http, query: web01, "),
    _Rule("status too high", r"status: 200", "status: 2000"),
    _Rule("expects another's answer", r"check: ssh, port: 22", "check: ssh, port: 22, path: /x"),
    _Rule("nothing allowed", r"allow: \[[^]]+\]", "allow: []"),
    _Rule("unknown protocol", r"allow: \[[^]]+\]", "allow: [sctp/9]"),
    _Rule("rule from nowhere", r"\{from: (\w+)", r"{from: \1x"),
    _Rule("rule to itself", r"\{from: (\w+), to: \w+", r"{from: \1, to: \1"),
    _Rule("too little memory", r"memory: \w+", "memory: 1MiB"),
    _Rule("memory without a unit", r"memory: \w+", "memory: 128"),
    _Rule("too many processes", r"pids: 200", "pids: 99999"),
    _Rule("unknown init", r"init: process", "init: processes"),
    _Rule("a tab", r"^  (?=\w)", "\t"),
    _Rule("an anchor", r": (\w+)$", r": &x \1"),
    _Rule("an alias", r": (\w+)$", r": *x"),
    _Rule("an open bracket", r"\]$", ""),
    _Rule("an open quote", r": (\w+)$", r": '\1"),
    _Rule("no colon", r"^( *[a-z_]+): (\w+)$", r"\1 \2"),
    _Rule("no space behind a colon", r"^( *[a-z_]+): (\w+)$", r"\1:\2"),
    _Rule("an at sign", r": (\w+)$", r": @\1"),
    _Rule("a bracket too many", r"\]$", "]]"),
    _Rule("a backslash in quotes", r": (\w+)$", r': "\1\\x"'),
    _Rule("unknown variable", r'"\$\{(\w+)\}"', r'"${x\1}"'),
    _Rule("a variable that is a list", r"default: (\w+)", r"default: [\1]"),
    _Rule("a variable without quotes", r'"\$\{(\w+)\}"', r"${\1}"),
    _Rule("an unprintable character", r": (\w+)$", ": \\1\u200b"),
)
_OF_EXERCISES = (
    _Rule("unknown version", r"^version: 1$", "version: 3"),
    _Rule("unknown topology", r"^topology: (\w+)$", r"topology: \1s"),
    _Rule("no such briefing", r"^briefing: (\S+)$", r"briefing: x\1"),
    _Rule("briefing elsewhere", r"^briefing: (\S+)$", r"briefing: ../\1"),
    _Rule("no length", r"length: \w+, ", ""),
    _Rule("length is a number", r"length: (\d+)m", r"length: \1"),
    _Rule("compressed too much", r"compression: \d+", "compression: 999"),
    _Rule("seed is a word", r"^seed: \d+$", "seed: seven"),
    _Rule("negative seed", r"^seed: (\d+)$", r"seed: -\1"),
    _Rule("unknown sinkhole", r"sinkhole: (\w+)", r"sinkhole: \1x"),
    _Rule("sinkhole of the partner", r"sinkhole: \w+", "sinkhole: ns01"),
    _Rule("unknown implant", r"implant: ([\w.]+)", r"implant: \1x"),
    _Rule("implant nowhere", r"\bon: [\w*-]+", "on: nowhere"),
    _Rule("no host", r", on: [\w*-]+", ""),
    _Rule("pattern of no name", r"\bon: [\w*-]+", "on: No/Where"),
    _Rule("after the end", r"after: \w+", "after: 99h"),
    _Rule("unknown starter", r"started_by: ([\w.]+)", r"started_by: \1s"),
    _Rule("no starter", r", started_by: [\w.]+", ""),
    _Rule("no time at all", r"period: \w+", "period: 0s"),
    _Rule("jitter of more than all", r"jitter: [\d.]+", "jitter: 1.5"),
    _Rule("too many decoys", r"\{per_implant: \d+", "{per_implant: 99"),
    _Rule("hold too short", r"hold: \w+", "hold: 5s"),
    _Rule("unknown profile", r"profile: ([\w-]+)", r"profile: \1s"),
    _Rule("a tab", r"^  (?=\w)", "\t"),
    _Rule("an anchor", r": (\w+)$", r": &x \1"),
    _Rule("an alias", r": (\w+)$", r": *x"),
    _Rule("an open quote", r": (\w+)$", r": '\1"),
    _Rule("no colon", r"^( *[a-z_]+): (\w+)$", r"\1 \2"),
    _Rule("no space behind a colon", r"^( *[a-z_]+): (\w+)$", r"\1:\2"),
    _Rule("an at sign", r": (\w+)$", r": @\1"),
    _Rule("a bracket too many", r"\]$", "]]"),
    _Rule("a backslash in quotes", r": (\w+)$", r': "\1\\x"'),
)
_KEYS = (
    "version|name|description|defaults|groups|segments|hosts|image|limits|memory|pids|roles"
    "|zone|subnet|kind|group|count|services|policy|init|check|port|expect|status|body|allow"
    "|vars|kinds|cpus|query|answer|people|organisation|domain|trade|staff|seed|topology|briefing"
    "|clock|length|compression|actors|sinkhole|chain|implant|on|after|started_by|period|jitter"
    "|decoys|noise|scoring|profile|hold"
)


def mutants(text: str, seed: int) -> tuple[Mutant, ...]:
    """Return every mutant of a sound file, the same for the same seed, in a mixed order."""
    draw = random.Random(seed)  # noqa: S311 - a seeded order, no secret
    lines = text.split("\n")
    found = [*_by_rule(lines), *_misspelt(lines, draw), *_doubled(lines)]
    draw.shuffle(found)
    return tuple(found)


def _by_rule(lines: list[str]) -> Iterator[Mutant]:
    rules = _OF_EXERCISES if "actors:" in lines else _RULES
    for number, line in enumerate(lines):
        for rule in rules:
            spoiled = re.sub(rule.pattern, rule.to, line, count=1)
            if spoiled == line or line.lstrip().startswith("#") or _is_prose(line):
                continue
            named = number
            if rule.at is not None:
                named = next(n for n, other in enumerate(lines) if re.search(rule.at, other))
            yield Mutant(rule.how, _spoiled(lines, number, spoiled), named + 1)


def _misspelt(lines: list[str], draw: random.Random) -> Iterator[Mutant]:
    """Yield every key of the schema with a letter more or less."""
    for number, line in enumerate(lines):
        if _is_prose(line) or line.lstrip().startswith("#"):
            continue
        for match in re.finditer(rf"(?<![\w-])({_KEYS})(?=: |:$)", line):
            word = match[1]
            place = draw.randrange(len(word))
            wrong = draw.choice((word[:place] + word[place + 1 :], f"{word}s", f"x{word}"))
            declares = line[match.end() :].startswith(": {default:")
            if wrong not in _KEYS.split("|") and not declares:
                spoiled = line[: match.start()] + wrong + line[match.end() :]
                yield Mutant(f"misspelt {word}", _spoiled(lines, number, spoiled), number + 1)


def _doubled(lines: list[str]) -> Iterator[Mutant]:
    """Yield every line with a key said twice."""
    for number, line in enumerate(lines):
        if re.match(r"^ *\w[\w-]*: ", line):
            yield Mutant("said twice", _spoiled(lines, number, f"{line}\n{line}"), number + 2)


def _is_prose(line: str) -> bool:
    return line.startswith(("description:", "name:")) and line.count(" ") > 1


def _spoiled(lines: list[str], number: int, line: str) -> str:
    return "\n".join([*lines[:number], line, *lines[number + 1 :]])
