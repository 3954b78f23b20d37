"""The trainee's path by hand, and what happens to what no client would ever hand in."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.e2e import parity
from tests.e2e.playing import Playing
from tests.e2e.program import Range, wait_until

pytestmark = [pytest.mark.engine, pytest.mark.slow]
TRAINEE, HOSTILE = "dogwood", "cedar"
OUTBOX, RECEIPTS = "/var/spool/hunt/outbox", "/var/spool/hunt/receipts"


@pytest.fixture
def kit(lasting: Playing) -> Range:
    return lasting.range(TRAINEE)


def trainee(range_: Range, script: str) -> str:
    return range_.must("hunt01", script, user="trainee")


def receipts(range_: Range) -> dict[str, Any]:
    listed = json.loads(trainee(range_, "hunt list --json"))
    return {one["id"]: one["receipt"] for one in listed}


def answered(range_: Range, *idents: str) -> list[dict[str, Any]]:
    wait_until(
        lambda: all(receipts(range_)[one] for one in idents), f"receipts of {idents}", seconds=20
    )
    return [receipts(range_)[one] for one in idents]


def test_the_briefing_and_the_hosts_are_there_to_read(kit: Range) -> None:
    assert "Briefing: lasting" in trainee(kit, "hunt briefing")
    hosts = {line.split()[0] for line in trainee(kit, "hunt hosts").splitlines()[1:]}
    assert {"web01", "desk-1", "ns01", "edge"} <= hosts
    assert "sink01" not in hosts


def test_the_hunter_reads_and_does_not_write(kit: Range) -> None:
    read = "ssh web01 'id -un; sudo -n cat /etc/shadow | grep -c ^root:'"
    assert trainee(kit, read) == "hunter\n1\n"
    assert kit.sh("hunt01", "ssh web01 sudo -n touch /etc/x", user="trainee")[0] != 0


def test_a_receipt_says_that_a_finding_arrived_and_never_what_it_is_worth(
    lasting: Playing, kit: Range
) -> None:
    true = min(parity.files(parity.implants(lasting.events(), TRAINEE)))
    submit = "hunt submit --host {} --path {} --technique T1053.003"
    good = trainee(kit, submit.format(*true)).strip()
    wrong = trainee(kit, submit.format("web01", "/etc/hostname")).strip()
    first, second = answered(kit, good, wrong)
    assert set(first) == {"id", "at", "status", "message"}
    assert (first["status"], first["message"]) == (second["status"], second["message"])
    assert first["status"] == "received"


def test_the_partners_seat_opens_when_he_has_agreed_and_not_before(kit: Range) -> None:
    login = "ssh -o BatchMode=yes web01-partner sudo -n id -un"
    assert kit.sh("hunt01", login, user="trainee")[0] == 255
    asked = trainee(kit, "hunt request partner-seat --why 'we know enough'").strip()
    assert trainee(kit, f"hunt wait {asked} --timeout 20").startswith("approved")
    assert trainee(kit, login) == "root\n"


def test_done_is_received(kit: Range) -> None:
    (receipt,) = answered(kit, trainee(kit, "hunt done").strip())
    assert receipt["status"] == "received"


MESS = f"""
cd {OUTBOX}
for n in $(seq 40); do head -c 3000000 /dev/zero >0-huge-$n.json; done
echo 'not JSON' >1-text.json
head -c 30000 /dev/zero | tr '\\0' '[' >1-deep.json
printf '{{"kind":"done","note":"\\xff"}}' >1-bytes.json
echo '{{"kind":"finding","host":"sink01","evidence":[]}}' >1-empty.json
echo '{{"kind":"request","action":"rebuild","host":"../../edge","why":"x"}}' >1-host.json
mkfifo 2-pipe.json
ln -s /etc/shadow 3-link.json
ln -s /proc/1/root/etc/shadow 3-magic.json
mkdir 4-folder.json
echo '{{}}' >'A B;$(touch x).json'
echo '{{}}' >"$(printf 'x%.0s' $(seq 60)).json"
echo '{{}}' >-rf.json
"""


def test_a_mess_in_the_outbox_harms_nobody(lasting: Playing) -> None:
    hostile, other = lasting.range(HOSTILE), lasting.range(TRAINEE)
    text = base64.b64encode(MESS.encode()).decode()
    trainee(hostile, f"echo {text} | base64 -d | sh")
    mine = trainee(hostile, "hunt submit --host web01 --path /etc/hostname").strip()
    theirs = trainee(other, "hunt submit --host web01 --path /etc/hostname").strip()
    assert answered(hostile, mine)[0]["status"] == "received"
    assert answered(other, theirs)[0]["status"] == "received"
    said = hostile.must("hunt01", f"cat {RECEIPTS}/1-*.json")
    assert said.count('"refused"') == 5
    assert "root:" not in hostile.must("hunt01", f"cat {RECEIPTS}/*")
    left = hostile.must("hunt01", f"ls {OUTBOX}").split("\n")
    assert not [name for name in left if name.startswith(("1-", "A", "x", "-"))]
    assert lasting.director is not None
    assert lasting.director.poll() is None
