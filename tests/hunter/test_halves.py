"""What the reference hunter reads of things that stand on two hosts, and of what is covered."""

from __future__ import annotations

from typing import Any

import pytest

from rangectl.hunter.halves import halves, public_half
from rangectl.hunter.register import read_register
from rangectl.hunter.signs import Traces
from rangectl.plan.keys import key_pair
from rangectl.plan.probing import Write
from tests.implants import samples

BLOB = "QUJD" * 20
PAGE = "/var/lib/dokuwiki/data/pages/notes.txt"
UNIT = "/etc/systemd/system/stock-sync.service"


def traces(*files: dict[str, Any], **told: object) -> Traces:
    blank = {"type": "f", "owned": False, "sha256": "ab", "target": "", "mtime": 0.5}
    rows = [blank | {"text": None} | one for one in files]
    empty: dict[str, object] = {name: [] for name in ("keys", "jobs", "pollers", "programs")}
    zones = {"partner": ["10.0.0.0/8"], "adversary": ["198.51.100.0/24"]}
    clock = {"length_s": 600, "hold_s": 150}
    changes = [{"host": "a", "path": PAGE, "line": BLOB[:-4]}]
    register = read_register(
        {"zones": zones, "hosts": [], "clock": clock, "changes": changes} | empty
    )
    return Traces("a", {"files": rows, "auth": [], "mounts": []} | told, register, {}, 1)


def found(*files: dict[str, Any], **told: object) -> list[tuple[str, str]]:
    return [(one.technique, one.name) for one in halves(traces(*files, **told), ())]


def test_a_private_key_is_known_by_its_public_half() -> None:
    pair = key_pair("secret", "who", "me")
    assert public_half(pair.private.decode()) == pair.fingerprint


@pytest.mark.parametrize("text", ["", "nothing", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n"])
def test_what_is_no_key_has_none(text: str) -> None:
    assert public_half(text) == ""


def test_a_key_that_is_cut_off_is_none() -> None:
    lines = key_pair("secret", "who", "me").private.decode().split("\n")
    assert public_half("\n".join([lines[0], lines[1][:40], *lines[-2:]])) == ""


def test_a_private_key_of_no_register_is_a_lead() -> None:
    key = key_pair("secret", "who", "me").private.decode()
    path = "/root/.ssh/id_ed25519_stock"
    line = f"x sudo: COMMAND=/usr/bin/ssh -i {path} b@10.0.0.1"
    (lead,) = halves(traces({"path": path, "text": key}, auth=[line]), ())
    assert (lead.technique, [one["kind"] for one in lead.evidence]) == (
        "T1021.004",
        ["line", "file"],
    )


@pytest.mark.parametrize(("line", "leads"), [(BLOB, 1), (BLOB[:-4], 0), ("a page", 0)])
def test_what_is_encoded_on_a_page_is_a_lead_unless_it_was_ordered(line: str, leads: int) -> None:
    assert len(found({"path": PAGE, "text": f"== Notes ==\n{line}\n"})) == leads


@pytest.mark.parametrize(("owned", "leads"), [(False, 1), (True, 0)])
def test_what_covers_a_process_is_a_lead_unless_a_package_runs_it(owned: bool, leads: int) -> None:
    mount = {"line": "1 2 0:5 /x /proc/77 rw", "pid": 77, "unit": "stock-sync.service"}
    assert len(found({"path": UNIT, "owned": owned, "text": ""}, mounts=[mount])) == leads


def test_the_locked_key_is_read_as_one_and_its_public_half_is_the_hops() -> None:
    items = samples.items(chain=({"implant": "ssh.hop", "on": "*"},))
    (item,) = (one for one in items if one.artefact.nature == "implant")
    writes = [edit.content for edit in item.edits if isinstance(edit, Write)]
    keys = [public_half(one.decode()) for one in writes if b"PRIVATE KEY" in one]
    assert keys == [item.artefact.fingerprint]
