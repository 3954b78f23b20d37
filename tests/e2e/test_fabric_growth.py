"""A topology that grows or shrinks moves nobody, and everybody learns of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.program import Program, Range

pytestmark = [pytest.mark.engine, pytest.mark.slow]
DESK = "  desk: {group: server, segments: [office], roles: [workstation]}\n"


def knows(here: Range, name: str) -> bool:
    """Whether the resolver answers a host that asks for this name."""
    code, output = here.sh("web01", f"getent hosts {name}")
    return code == 0 and here.addresses()[name] in output


def test_a_host_comes_and_goes_and_nobody_else_is_touched(
    program: Program, pair: tuple[Range, Range], topology: Path
) -> None:
    here, _ = pair
    before, addresses = here.ids(), here.addresses()
    words = ("up", str(topology), "--name", here.name, "--teams", "a,b")
    topology.write_text(topology.read_text() + DESK)
    program.run(*words)
    grown = here.ids()
    desk = grown.pop("desk")
    assert grown == before
    assert addresses.items() < here.addresses().items()
    assert knows(here, "desk")
    login = "ssh -o BatchMode=yes -o StrictHostKeyChecking=yes desk cat /etc/hostname"
    assert here.must("hunt01", login, user="trainee") == "desk\n"

    topology.write_text(topology.read_text().removesuffix(DESK))
    changes = program.json(*words)["changes"]
    assert f"{here}: remove desk: it is not in the topology" in changes
    assert desk not in here.ids().values()
    assert (here.ids(), here.addresses()) == (before, addresses)
    assert here.sh("web01", "getent hosts desk")[0] != 0
    assert "Host desk" not in here.must("hunt01", "cat /home/trainee/.ssh/config")
    assert program.json(*words)["changes"] == []
