"""The router's policy, tried by those it is meant for, and its log."""

from __future__ import annotations

import pytest

from tests.e2e.program import Range, wait_until

pytestmark = [pytest.mark.engine, pytest.mark.slow]
Pair = tuple[Range, Range]
OPEN = "nft flush ruleset"
CHAIN = "type filter hook forward priority 0; policy drop;"
CLOSED = f"{OPEN}; nft add table inet x; nft 'add chain inet x f {{ {CHAIN} }}'"
CONNECT = "import socket,sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 1.5)"
TCP_LISTEN = "import socket; s = socket.create_server(('', 8443)); s.settimeout(20); s.accept()"


def connects(here: Range, host: str, address: str, port: int) -> bool:
    return here.sh(host, f'python3 -c "{CONNECT}" {address} {port}')[0] == 0


def test_the_office_reaches_the_web_of_the_internet(standing: Pair) -> None:
    here, _ = standing
    sink = here.addresses()["sink01"]
    asked = here.must("web01", f"curl -sm 3 -o /dev/null -w '%{{http_code}}' http://{sink}/")
    assert asked == "200"


def test_the_internet_does_not_reach_the_office(standing: Pair) -> None:
    here, _ = standing
    assert connects(here, "hunt01", here.addresses()["web01"], 80)
    assert not connects(here, "sink01", here.addresses()["web01"], 80)


def test_the_kit_reaches_the_office_and_not_the_internet(standing: Pair) -> None:
    here, _ = standing
    assert connects(here, "hunt01", here.addresses()["web01"], 22)
    assert connects(here, "web01", here.addresses()["sink01"], 80)
    assert not connects(here, "hunt01", here.addresses()["sink01"], 80)


def test_only_the_port_that_the_policy_names_is_open(standing: Pair) -> None:
    here, _ = standing
    sink = here.addresses()["sink01"]
    here.must("sink01", f'(python3 -c "{TCP_LISTEN}" >/dev/null 2>&1 &)')
    wait_until(lambda: "20FB" in here.must("sink01", "cat /proc/net/tcp"), "a listener on 8443")
    assert connects(here, "sink01", sink, 8443)
    assert not connects(here, "web01", sink, 8443)


def test_what_is_turned_away_stands_in_the_router_s_log(standing: Pair) -> None:
    here, _ = standing
    addresses = here.addresses()
    assert not connects(here, "hunt01", addresses["sink01"], 4433)
    packet = f"SRC={addresses['hunt01']} DST={addresses['sink01']}"
    wait_until(
        lambda: any(
            packet in line and "DPT=4433" in line
            for line in here.sh("edge", "cat /var/log/ulog/syslogemu.log")[1].split("\n")
        ),
        "the rejected packet in the router's log",
        30,
    )


def test_who_reaches_whom_is_as_the_policy_says(standing: Pair) -> None:
    here, other = standing
    found = here.program.json("reach", here.name)
    assert [one["range"] for one in found] == [str(here), str(other)]
    assert all(one["allowed"] >= 8 and one["denied"] >= 20 for one in found)


def test_a_router_that_does_not_keep_to_its_policy_is_told(standing: Pair) -> None:
    here, _ = standing
    try:
        here.must("edge", OPEN)
        told = here.program.run("reach", here.name, code=6).stderr
        assert f"{here}: sink01 to ns01 tcp/80: not allowed, but it arrived" in told
        here.must("edge", CLOSED)
        told = here.program.run("reach", here.name, code=6).stderr
        assert f"{here}: hunt01 to web01 tcp/22: allowed, but it never arrived" in told
    finally:
        here.program.run("reset", str(here), "edge")
