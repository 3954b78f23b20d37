"""What stands on two hosts: one artefact, each half put, seen, proven and put back by itself."""

from __future__ import annotations

import pytest

from rangectl.app.plant import replant
from rangectl.errors import InvalidFileError
from rangectl.implants.identify import identify
from rangectl.implants.pairs import pairs
from rangectl.model import catalogue
from rangectl.model.catalogue import Second
from rangectl.model.finding import Finding, LineEvidence
from rangectl.model.planting import Artefact, Component
from rangectl.plan.probing import AppendLine
from rangectl.scoring.evidence import verified
from rangectl.scoring.matching import match
from rangectl.scoring.states import over_ejected, sites
from tests.app.world import ROOT
from tests.implants import samples
from tests.implants.stage import Scene
from tests.scoring.story import TEAM, Story

TWO = [key for key, entry in samples.ENTRIES.items() if entry.second is not None]
CATALOGUE = ROOT / "rangectl" / "implants" / "catalogue"


def test_three_kinds_stand_on_two_hosts() -> None:
    assert sorted(TWO) == ["c2.deaddrop", "c2.relay", "ssh.hop"]


@pytest.mark.parametrize("key", TWO)
def test_each_half_is_on_a_host_of_its_own_and_is_identified_there(key: str) -> None:
    artefact = Scene(key).implant.artefact
    first, second = artefact.hosts
    assert artefact.on(first)
    assert artefact.on(second)
    for part in artefact.components:
        if part.path and part.kind != "process":
            found = identify([artefact], "path", part.path, artefact.host_of(part))
            assert {one.host for one in found} == {artefact.host_of(part)}


@pytest.mark.parametrize("key", TWO)
def test_a_reset_of_one_host_puts_back_its_half_alone(key: str) -> None:
    scene = Scene(key)
    artefact = scene.implant.artefact
    mine = {part.id: artefact.host_of(part) for part in artefact.components if part.required}
    scene.remove(scene.implant)
    scene.wait(10)
    replant(scene.run, "alder", [artefact.hosts[1]])
    scene.wait(70)
    there = scene.present(artefact)
    waits = {"relay", "traffic"}  # for somebody to connect
    back = {part for part, where in mine.items() if where == artefact.hosts[1]} - waits
    assert {part for part in mine if there[part]} == back


@pytest.mark.parametrize("key", TWO)
def test_each_half_alone_is_a_part(key: str) -> None:
    for which in (0, 1):
        scene = Scene(key)
        artefact = scene.implant.artefact
        host = artefact.hosts[which]
        scene.remove(scene.implant, only=[part.id for part in artefact.on(host)])
        assert scene.state_after_the_hold() == "partial"


def test_the_second_of_a_pair_is_one_that_the_first_reaches() -> None:
    spec = samples.small_range()
    hosts = [one for one in spec.hosts if one.name in {"web01", "desk-1", "sink01"}]
    found = pairs(spec, hosts, hosts, Second())
    assert {(one.first.name, one.second.name) for one in found} == {
        ("web01", "desk-1"),
        ("desk-1", "web01"),
    }
    assert {str(one.back) for one in found if one.first.name == "web01"} == {"10.20.1.10"}


def test_a_hop_leaves_a_key_that_could_only_run_true_and_that_nobody_has() -> None:
    (item,) = Scene("ssh.hop").of("implant")
    lines = [edit.line for edit in item.beyond[0].edits if isinstance(edit, AppendLine)]
    assert [line for line in lines if line.startswith('restrict,command="/usr/bin/true",from="10.')]
    assert not [line for line in lines if line.startswith("ssh-")]


CHANGES = {
    "a program that is given the connection": ("Type=simple", "StandardInput=socket"),
    "a program of the other host": ("ExecStart={place2} {flag2}", "ExecStart={place} {flag}"),
    "a shell": ("ExecStart={place2} {flag2}", "ExecStart=/bin/sh -c x"),
    "a second host that is not there": ("second: {needs: [python], router: false}\n", ""),
}


@pytest.mark.parametrize(("old", "new"), CHANGES.values(), ids=CHANGES.keys())
def test_a_relay_that_did_more_is_refused(old: str, new: str) -> None:
    text = (CATALOGUE / "c2.relay.yaml").read_text()
    cron = (CATALOGUE / "cron.user.yaml").read_text()
    assert old in text
    with pytest.raises(InvalidFileError):
        catalogue.load({"c2.relay.yaml": text.replace(old, new), "cron.user.yaml": cron})


def test_what_somebody_uncovered_stays_so_until_it_is_put_there_anew() -> None:
    scene = Scene("bind.hide")
    artefact = scene.implant.artefact
    assert scene.present(artefact)["mount"]
    scene.remove(scene.implant, only=["mount"])
    scene.wait(20)
    assert not scene.present(artefact)["mount"]
    replant(scene.run, "alder", [artefact.host])
    scene.wait(70)
    assert scene.present(artefact)["mount"]


def test_a_kind_that_is_opt_in_is_planted_only_where_it_is_named() -> None:
    with pytest.raises(InvalidFileError, match="opt_in"):
        samples.items(chain=({"implant": "bind.hide", "on": "*"},))


# ---- findings and scores of what stands on two hosts


def artefact(key: str, nature: str = "implant") -> Artefact:
    here = Component(id="here", kind="line", path="/etc/a", look_in=("/etc/a",), needle=f"a {key}")
    there = here.model_copy(update={"id": "there", "host": "b", "needle": f"b {key}"})
    told = {"id": key, "nature": nature, "host": "a", "entry": "ssh.hop", "weight": 3}
    return Artefact.model_validate(told | {"components": (here, there)})


def on(host: str, line: str) -> Finding:
    return Finding(host=host, evidence=(LineEvidence(path="/etc/a", line=line),))


@pytest.mark.parametrize(
    ("host", "line", "found"),
    [("a", "a i1", True), ("b", "b i1", True), ("b", "a i1", False), ("c", "a i1", False)],
)
def test_a_finding_names_it_by_what_stands_on_its_host(host: str, line: str, found: bool) -> None:
    planted = [artefact("i1")]
    about = match(on(host, line), (True,), planted, {}).artefact
    assert (about is not None) is found
    assert verified(on(host, line), (), planted, ()) == (found,)


def test_decoys_on_either_host_stand_beside_it() -> None:
    story = Story([artefact("i1"), artefact("d1", "decoy")])
    story.gone(100, "i1", "here", "there").gone(100, "d1", "there")
    site = sites(story.events)[TEAM]
    assert over_ejected(site.implants["i1"], site) == ("b: /etc/a",)
