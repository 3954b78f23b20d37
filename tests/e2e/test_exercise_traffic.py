"""People are about while an exercise runs, as the servers see it, and nothing makes them there."""

from __future__ import annotations

import re

import pytest

from tests.e2e.playing import Playing
from tests.e2e.program import Range, wait_until

pytestmark = [pytest.mark.engine, pytest.mark.slow]
DESKS = ("desk-1", "desk-2", "desk-3")
BROWSER = re.compile(r'^(\S+) .* "GET [^"]*" 200 .*"Mozilla/5\.0 \(X11; Linux x86_64[^"]*"$')


def addresses(range_: Range) -> dict[str, str]:
    """Return the desks by their addresses."""
    found = (range_.sh(desk, "ip -4 -o addr show scope global")[1] for desk in DESKS)
    return {
        text.split("inet ")[1].split("/")[0]: desk for desk, text in zip(DESKS, found, strict=True)
    }


def browsed(range_: Range) -> set[str]:
    """Return the addresses from which somebody looked at the intranet with a browser."""
    _, text = range_.sh("web01", "cat /var/log/nginx/access.log")
    return {match[1] for line in text.splitlines() if (match := BROWSER.match(line.strip()))}


def test_desks_browse_and_ask_for_names_and_run_nothing_that_does(lasting: Playing) -> None:
    range_ = lasting.range(lasting.teams[-1])
    desks = addresses(range_)
    wait_until(lambda: browsed(range_) >= desks.keys(), "a visit from every desk", 150)
    assert browsed(range_) == desks.keys()
    _, asked = range_.sh("ns01", "journalctl -u unbound --no-pager -o cat")
    assert {one for one in desks if f"info: {one} " in asked} == desks.keys()
    for desk in DESKS:
        _, left = range_.sh(desk, "find / -xdev -newermt '-3 min' -name '*firefox*' 2>/dev/null")
        _, running = range_.sh(desk, "ps -eo args")
        assert left == ""
        assert not re.search(r"(?i)firefox|mozilla|chrome|rangectl", running)
