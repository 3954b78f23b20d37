"""Mistakes that people make in YAML: what is said of each, and where."""

from __future__ import annotations

import pytest

from rangectl.errors import InvalidFileError
from rangectl.model.parse.topologies import load_topology

SOUND = """\
version: 1
name: small
description: A small site.
segments:
  internet: {zone: adversary, subnet: 203.0.113.0/24}
  office: {zone: partner, subnet: 10.0.1.0/24}
groups:
  server:
    services:
      - {name: site, check: http, port: 80}
      - name: login
        check: ssh
        port: 22
hosts:
  edge:
    kind: router
    segments: [internet, office]
  web01:
    group: server
    segments: {office: 10.0.1.10}
"""
Case = tuple[str, str, str, str]
"""What is changed into what; the place and message; the hint."""

MISTAKES: dict[str, Case] = {
    "a tab": (
        "    kind: router",
        "\tkind: router",
        '16:1: a tab cannot indent: "kind: router"',
        "use spaces",
    ),
    "a tab behind spaces": (
        "    kind: router",
        "  \tkind: router",
        '16:3: a tab cannot indent: "kind: router"',
        "use spaces",
    ),
    "a hard space": (
        "    kind: router",
        "  \u00a0 kind: router",
        '16:3: the character U+00A0 cannot indent: "kind: router"',
        "use spaces",
    ),
    "an indent too deep": (
        "    segments: [int",
        "     segments: [int",
        '17:6: wrong indent (column 6): "segments: [internet, office]"',
        "line 16 begins in column 5; keys of one thing begin in one column",
    ),
    "an indent too shallow": (
        "    segments: [int",
        "   segments: [int",
        '17:4: wrong indent (column 4): "segments: [internet, office]"',
        "lines above begin in column 5 (line 16) or 3 (line 15)",
    ),
    "the first of two keys too deep": (
        "    kind: router",
        "     kind: router",
        '16:6: wrong indent (column 6): "kind: router"',
        "line 17, which goes on from there, begins in column 5",
    ),
    "the first of two keys too shallow": (
        "    kind: router",
        "   kind: router",
        '16:4: wrong indent (column 4): "kind: router"',
        "line 17 begins in column 5; keys of one thing begin in one column",
    ),
    "a host between two levels": (
        "  web01:",
        "   web01:",
        '18:4: wrong indent (column 4): "web01:"',
        "lines above begin in column 5 (line 17) or 3 (line 15)",
    ),
    "an item of a list too deep": (
        "      - name: login",
        "       - name: login",
        '11:8: wrong indent (column 8): "- name: login"',
        "lines above begin in column 7 (line 10)",
    ),
    "a key of an item too deep": (
        "        check: ssh",
        "         check: ssh",
        '12:10: wrong indent (column 10): "check: ssh"',
        "line 11 begins in column 9; keys of one thing begin in one column",
    ),
    "no colon before a value": (
        "kind: router",
        "kind router",
        '16:5: a colon is missing: "kind router"',
        'write "kind: router"',
    ),
    "no colon behind a name": (
        "  edge:",
        "  edge",
        '15:3: a colon is missing: "edge"',
        'write "edge:", or put it behind the colon of line 14, if it is its value',
    ),
    "a value below its key": (
        "kind: router",
        "kind:\n    router",
        '17:5: a colon is missing: "router"',
        'write "router:", or put it behind the colon of line 16, if it is its value',
    ),
    "an equals sign": (
        "kind: router",
        "kind = router",
        '16:5: a colon is missing: "kind = router"',
        'write "kind: router"',
    ),
    "no colon in braces": (
        "zone: partner",
        "zone partner",
        '6:12: segments.office.zone partner: unknown key "zone partner"',
        'write "zone: partner"',
    ),
    "an open quote": (
        "name: small",
        'name: "small',
        "2:7: this quote is not closed: 'name: \"small'",
        "close it in its own line",
    ),
    "a quote in quotes": (
        "A small site.",
        "'A partner's site.'",
        "3:25: a text goes on behind its closing quote: \"description: 'A partner's site.'\"",
        'put all of it in one pair of quotes: "A partner\'s site."',
    ),
    "a backslash in double quotes": (
        "A small site.",
        '"C:\\small"',
        "3:17: \\s means nothing in double quotes: 'description: \"C:\\small\"'",
        "write \\\\ for one backslash, or put the text in single quotes",
    ),
    "an open bracket": (
        "[internet, office]",
        "[internet, office",
        '17:15: this [ is not closed: "segments: [internet, office"',
        "close it with ]",
    ),
    "an open brace": (
        "{office: 10.0.1.10}",
        "{office: 10.0.1.10",
        '20:15: this { is not closed: "segments: {office: 10.0.1.10"',
        "close it with }",
    ),
    "a brace for a bracket": (
        "[internet, office]",
        "[internet, office}",
        '17:32: this } does not close the [: "segments: [internet, office}"',
        "write ]",
    ),
    "a brace too many": (
        "{office: 10.0.1.10}",
        "{office: 10.0.1.10}}",
        '20:34: this } closes nothing: "segments: {office: 10.0.1.10}}"',
        "remove it, or open it before",
    ),
    "no comma in braces": (
        "zone: partner, subnet",
        "zone: partner subnet",
        '6:32: a second colon: "office: {zone: partner subnet: 10.0.1.0/24}"',
        (
            'a comma is missing before "subnet", or a text with a colon needs quotes:'
            ' "partner subnet: 10.0.1.0/24"'
        ),
    ),
    "a key twice": (
        "name: small",
        "name: small\nname: smaller",
        "3:1: name: given twice",
        "first in line 2",
    ),
    "no space behind a colon": (
        "kind: router",
        "kind:router",
        '16:9: no space behind the colon: "kind:router"',
        'write "kind: router"',
    ),
    "no space behind a colon in braces": (
        "zone: partner",
        "zone:partner",
        '6:12: segments.office.zone:partner: unknown key "zone:partner"',
        'write "zone: partner"',
    ),
    "no space behind a dash": (
        "- name: login",
        "-name: login",
        '11:7: no space behind the dash: "-name: login"',
        'write "- name: login"',
    ),
    "no space behind a colon before a brace": (
        "{office: 10.0.1.10}",
        "{office:}",
        '20:22: no space behind the colon: "segments: {office:}"',
        'write "office: "',
    ),
    "a comma too many": (
        "[internet, office]",
        "[internet,, office]",
        '17:25: , stands where a value must: "segments: [internet,, office]"',
        "a value is missing before it, or it is one too many",
    ),
    "a dash before the first key": (
        "    kind: router",
        "    - kind: router",
        '16:5: a dash begins a list: "- kind: router"',
        (
            "line 17 begins in the same column without a dash: remove this one, or begin line 17 in"
            " column 7"
        ),
    ),
    "a dash before a later key": (
        "    segments: [int",
        "    - segments: [int",
        '17:5: a dash among keys: "- segments: [internet, office]"',
        "remove the dash, or indent the list below its key",
    ),
    "a dash behind a key": (
        "kind: router",
        "kind: - router",
        '16:11: a list cannot begin behind its key: "kind: - router"',
        "write [a, b], or each item in a line of its own, with a dash before it",
    ),
    "a colon in a text": (
        "A small site.",
        "A site: small.",
        '3:20: a second colon: "description: A site: small."',
        'a text with a colon needs quotes: "A site: small."; a second key needs its own line',
    ),
    "an @": (
        "A small site.",
        "@home",
        '3:14: a text cannot begin with @: "description: @home"',
        'put it in quotes: "@home"',
    ),
    "a percent sign": (
        "name: site",
        "name: %site",
        '10:16: a text cannot begin with %: "- {name: %site, check: http, port: 80}"',
        'put it in quotes: "%site"',
    ),
    "a backtick": (
        "A small site.",
        "`home`",
        '3:14: a text cannot begin with `: "description: `home`"',
        'put it in quotes: "`home`"',
    ),
    "a star": (
        "A small site.",
        "*home*",
        '3:14: a text cannot begin with *: "description: *home*"',
        'put it in quotes: "*home*"',
    ),
    "an exclamation mark": (
        "A small site.",
        "!home",
        "3:14: description: tag !home: tags are not read",
        "a text that begins with ! needs quotes",
    ),
    "a bar": (
        "A small site.",
        "| home",
        '3:14: a text cannot begin with |: "description: | home"',
        'the text goes into the lines below, indented; or in quotes: "| home"',
    ),
    "a text in brackets": (
        "A small site.",
        "[small] site",
        '3:22: a text goes on behind the closing ]: "description: [small] site"',
        'put all of it in quotes: "[small] site"',
    ),
    "a variable in braces": (
        "port: 80",
        "port: ${port}",
        '10:41: a variable without quotes: "- {name: site, check: http, port: ${port}}"',
        'inside { } and [ ] a variable needs quotes: "${name}"',
    ),
    "a text that is not indented": (
        "A small site.",
        "|\nA small site.",
        '4:1: a text below | or > must be indented: "A small site."',
        "indent all of its lines",
    ),
}


def told(text: str) -> tuple[str, ...]:
    with pytest.raises(InvalidFileError) as caught:
        load_topology(text, "x.yaml")
    return caught.value.problems


def test_what_is_spoiled_was_sound() -> None:
    assert load_topology(SOUND, "x.yaml").model.name == "small"


@pytest.mark.parametrize("case", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_named_with_its_line_and_how_to_mend_it(case: Case) -> None:
    before, after, message, hint = case
    assert SOUND.count(before) == 1
    assert f"x.yaml:{message} ({hint})" in told(SOUND.replace(before, after))


@pytest.mark.parametrize("ending", ["\r\n", "\n"])
def test_lines_that_end_otherwise_are_told_alike(ending: str) -> None:
    text = SOUND.replace("kind: router", "kind:router").replace("\n", ending)
    assert told(text)[0].startswith('x.yaml:16:9: no space behind the colon: "kind:router" (')


def test_what_is_no_file_of_this_kind_at_all_is_told_so() -> None:
    assert told('[hosts]\nname = "x"\n')[0].startswith("x.yaml:2:1: it goes on behind the end")


def test_a_mistake_far_behind_in_a_line_is_told_too() -> None:
    text = SOUND.replace("A small site.", f'"{"small " * 500}" site.')
    assert told(text)[0].startswith("x.yaml:3:")


def test_a_long_line_is_told_in_part() -> None:
    (line,) = told(SOUND.replace("A small site.", "A site: " + "small " * 1000))
    assert len(line) < 250
