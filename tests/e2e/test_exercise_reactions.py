"""The adversary reacts, for real: what a team does is seen from outside and answered, and the log
says by what it was caused.
"""

from __future__ import annotations

import json

import pytest

from rangectl.implants.lease import LEASE_PATH
from rangectl.model.events import Planted, Tipped
from tests.e2e.program import wait_until
from tests.e2e.provoking import BLOCKER, REMOVER, SINKHOLE, TOUCHER, Provoked

pytestmark = [pytest.mark.engine, pytest.mark.slow]


def test_a_key_that_was_removed_is_put_back_as_a_sibling_survived(provoked: Provoked) -> None:
    wait_until(lambda: bool(provoked.reactions(REMOVER, "replant")), "the planting again", 70)
    (reaction,) = provoked.reactions(REMOVER, "replant")
    assert reaction.cause.startswith(f"removed {provoked.key.id} ")
    assert reaction.artefacts == (provoked.key.id,)
    assert provoked.holds_line()


def test_an_actor_who_saw_a_hunter_at_his_sinkhole_goes_quiet(provoked: Provoked) -> None:
    wait_until(lambda: bool(provoked.reactions(TOUCHER, "go_quiet")), "the quiet", 100)
    (reaction,) = provoked.reactions(TOUCHER, "go_quiet")
    tips = [one for one in provoked.play.events() if isinstance(one, Tipped)]
    (tip,) = [one for one in tips if one.team == TOUCHER]
    assert (tip.why, reaction.cause.split()[:2]) == ("contact", ["tipped_off", "contact"])
    assert SINKHOLE in tip.cause
    told = json.loads(provoked.play.range(TOUCHER).must("web01", f"cat {LEASE_PATH}"))
    assert not [one for one in told["networks"] if one.startswith("198.51.100.")]


def test_an_actor_whose_channel_is_blocked_takes_to_his_second(provoked: Provoked) -> None:
    wait_until(lambda: bool(provoked.reactions(BLOCKER, "fallback")), "the second channel", 150)
    provoked.unblock()
    (reaction,) = provoked.reactions(BLOCKER, "fallback")
    assert reaction.cause.startswith(f"blocked {provoked.beacon.id} ")
    planted = [one for one in provoked.play.events() if isinstance(one, Planted)]
    (second,) = [one.artefact for one in planted if one.artefact.id in reaction.artefacts]
    assert (second.entry, second.actor) == ("c2.http", provoked.beacon.actor)
    (file,) = [one for one in second.components if one.kind == "file"]
    assert provoked.play.range(BLOCKER).sh(second.host, f"test -f '{file.path}'")[0] == 0
