"""What an actor notices: contacts and scans, out of logs that say anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rangectl.implants.noticing import MANY, Noticed, Record, noticed, parse_records
from rangectl.implants.probes import SinkholeHit
from tests.implants import samples

EXERCISE = samples.exercise()
SPEC = samples.small_range()
NOW = datetime(2026, 5, 4, 10, tzinfo=UTC)
KIT = str(SPEC.host("hunt01").nics[0].address.ip)
DESK = str(SPEC.host("desk-1").nics[0].address.ip)
SINK = str(SPEC.host("sink01").nics[0].address.ip)
SINCE = NOW - timedelta(hours=1)


def line(source: str, target: str, port: int, at: datetime = NOW) -> str:
    head = f"{at:%b %e %H:%M:%S} edge drop  IN=eth2 OUT=eth0 MAC= "
    return f"{head}SRC={source} DST={target} LEN=60 TOS=00 PROTO=TCP SPT=4000 DPT={port} SEQ=1"


def seen(
    *lines: str,
    hits: Mapping[str, Sequence[SinkholeHit]] | None = None,
    since: datetime = SINCE,
) -> list[tuple[str, str | None]]:
    return [(one.why, one.actor) for one in told(*lines, hits=hits, since=since)]


def told(
    *lines: str,
    hits: Mapping[str, Sequence[SinkholeHit]] | None = None,
    since: datetime = SINCE,
) -> tuple[Noticed, ...]:
    records = parse_records("\n".join(lines).encode(), NOW)
    return noticed(EXERCISE, SPEC, hits or {}, records, {"contact": since, "scan": since})


def test_a_kit_that_reaches_for_a_sinkhole_is_noticed_by_its_owner() -> None:
    (actor,) = EXERCISE.actors
    assert seen(line(KIT, SINK, 80)) == [("contact", actor)]
    assert told(line(KIT, SINK, 80))[0].cause == f"{KIT} reached for sink01 port 80"


def test_a_kit_that_asks_a_sinkhole_is_noticed() -> None:
    (actor,) = EXERCISE.actors
    hit = SinkholeHit(NOW.timestamp(), KIT, "GET / HTTP/1.1")
    assert seen(hits={"sink01": [hit]}) == [("contact", actor)]


def test_what_the_partners_hosts_ask_is_nobodys_concern() -> None:
    hit = SinkholeHit(NOW.timestamp(), DESK, "GET / HTTP/1.1")
    assert seen(line(DESK, SINK, 80), hits={"sink01": [hit]}) == []


def test_what_was_before_is_not_noticed() -> None:
    assert seen(line(KIT, SINK, 80, SINCE)) == []


def test_many_ports_in_a_minute_are_a_scan() -> None:
    lines = [line(KIT, DESK, 1000 + n, NOW + timedelta(seconds=n)) for n in range(30)]
    assert seen(*lines) == [("scan", None)]
    assert seen(*lines[:29]) == []


def test_many_ports_in_an_hour_are_none() -> None:
    lines = [line(KIT, DESK, 1000 + n, NOW - timedelta(minutes=n)) for n in range(50)]
    assert seen(*lines) == []


def test_logins_to_many_hosts_are_none() -> None:
    assert seen(*[line(KIT, f"10.20.1.{n}", 22) for n in range(1, 60)]) == []


def test_a_line_of_last_december_is_of_last_year() -> None:
    (record,) = parse_records(line(KIT, SINK, 80, NOW.replace(month=12)).encode(), NOW)
    assert record.at.year == NOW.year - 1


@pytest.mark.parametrize("text", ["May 32 25:61:61", "Foo  4 10:00:00", "May  4 10:00:00"])
def test_what_is_no_packet_is_passed_over(text: str) -> None:
    bad = f"{text} edge SRC=999.1.1.1 DST={SINK} LEN=1 DPT=80"
    assert parse_records(f"{bad}\n{line(KIT, SINK, 80)}".encode(), NOW)[1:] == ()


@given(st.binary(max_size=400))
def test_no_log_makes_it_fail(data: bytes) -> None:
    text = line(KIT, SINK, 80).encode()
    records = parse_records(data + b"\n" + text, NOW)
    assert records[-1].port == 80


def test_a_flood_of_records_is_looked_through_once() -> None:
    """A team that floods its router must not hold up the director of all: minutes would pass."""
    ends = IPv4Address(KIT), IPv4Address(DESK)
    flood = [Record(NOW, *ends, 80 + n) for n in [*range(MANY - 1)] * 2000]
    assert noticed(EXERCISE, SPEC, {}, flood, {"contact": SINCE, "scan": SINCE}) == ()


def test_a_scan_that_takes_its_time_is_none() -> None:
    slow = [line(KIT, DESK, 80 + n, NOW - timedelta(seconds=3 * n)) for n in range(60)]
    assert seen(*slow) == []
    fast = [line(KIT, DESK, 80 + n, NOW - timedelta(seconds=n)) for n in range(60)]
    assert [why for why, _ in seen(*fast)] == ["scan"]
