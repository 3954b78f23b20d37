"""`reset` gives a fresh host in the place of the old one."""

from __future__ import annotations

import pytest

from tests.e2e.program import Program, Range

pytestmark = [pytest.mark.engine, pytest.mark.slow]


def test_a_reset_host_is_fresh_and_the_others_stay(
    program: Program, pair: tuple[Range, Range]
) -> None:
    here, _ = pair
    before, addresses = here.ids(), here.addresses()
    here.must("web01", "echo hello >/root/left; rm /etc/nginx/sites-enabled/*")
    program.run("reset", str(here), "web01")
    program.run("status", here.name)
    assert here.sh("web01", "test -e /root/left")[0] == 1
    after = here.ids()
    assert after.pop("web01") != before.pop("web01")
    assert (after, here.addresses()) == (before, addresses)
    assert here.must("hunt01", "ssh -o BatchMode=yes web01 hostname", "trainee") == "web01\n"


@pytest.mark.parametrize("host", ["nobody", "switch"])
def test_what_is_no_host_cannot_be_reset(
    program: Program, pair: tuple[Range, Range], host: str
) -> None:
    before = pair[0].ids()
    program.run("reset", str(pair[0]), host, code=2)
    assert pair[0].ids() == before
