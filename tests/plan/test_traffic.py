"""The schedule of background traffic, and what an errand needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import islice, pairwise, takewhile
from pathlib import Path
from statistics import mean, pstdev

import pytest

from rangectl.model.parse.profiles import load_profile
from rangectl.model.parse.topologies import parse_topology
from rangectl.model.traffic import Activity, Habit, Profile, Who
from rangectl.plan.desired import desired
from rangectl.plan.errands import errand
from rangectl.plan.partner import people
from rangectl.plan.spec import RangeId
from rangectl.plan.traffic import Office, Visit, hourly, schedule

ROOT = Path(__file__).parents[2]
OFFICE_DAY = load_profile(
    (ROOT / "exercises/traffic/office-day.yaml").read_text(), "office-day.yaml"
).model
TEXT = """
version: 1
name: site
people: {organisation: Port, domain: port.example, trade: port, staff: 9}
segments:
  internet: {zone: adversary, subnet: 198.51.100.0/24}
  dmz: {zone: partner, subnet: 10.1.1.0/24}
  lan: {zone: partner, subnet: 10.1.2.0/24}
  plant: {zone: partner, subnet: 10.1.3.0/24}
hosts:
  fw:
    kind: router
    segments: [internet, dmz, lan, plant]
    services: [{name: login, check: ssh, port: 22}]
    policy:
      - {from: lan, to: dmz, allow: [tcp/25, tcp/143, tcp/80]}
      - {from: lan, to: internet, allow: [tcp/80]}
  mail:
    segments: {dmz: 10.1.1.25}
    roles: [base, mail]
    services:
      - {name: smtp, check: smtp, port: 25}
      - {name: imap, check: imap, port: 143}
      - {name: login, check: ssh, port: 22}
  www: {segments: [dmz], services: [{name: www, check: http, port: 80}]}
  ns:
    segments: [lan]
    roles: [base, resolver]
    services: [{name: ns, check: dns, port: 53, query: a}]
  files: {segments: [lan], roles: [base], services: [{name: files, check: smb, port: 445}]}
  dir: {segments: [lan], roles: [base], services: [{name: dir, check: ldap, port: 389}]}
  jump: {segments: [lan], roles: [base], services: [{name: login, check: ssh, port: 22}]}
  hmi: {segments: [plant], services: [{name: hmi, check: http, port: 80}]}
  desk:
    count: 3
    segments: [lan]
    roles: [base, workstation]
    services: [{name: login, check: ssh, port: 22}]
  sink1: {segments: [internet], init: process, services: [{name: web, check: http, port: 80}]}
  sink2: {segments: [internet], init: process, services: [{name: web, check: http, port: 80}]}
"""
SPEC = desired(parse_topology(TEXT, "site.yaml"), RangeId("site", "alder"), {})
OFFICE = Office(SPEC, 7, 300.0, frozenset({"sink1"}), timedelta(hours=1), 1.0)
HOUR = 3600.0


def within(visits: Iterator[Visit], seconds: float) -> list[Visit]:
    return list(takewhile(lambda one: one.at < seconds, visits))


def day(**more: object) -> Profile:
    habits = (Habit(do="browse", every=timedelta(minutes=1)),)
    return Profile.model_validate(
        {"version": 1, "name": "x", "day": {"00:00": 1}, "habits": habits, "ratio": 0} | more
    )


VISITS = within(schedule(OFFICE_DAY, OFFICE), HOUR)


def targets(do: Activity) -> set[str]:
    return {one.target.host for one in VISITS if one.do == do}


def test_the_same_seed_gives_the_same_plan() -> None:
    assert within(schedule(OFFICE_DAY, OFFICE), HOUR) == VISITS


def test_another_seed_gives_another_plan() -> None:
    other = within(schedule(OFFICE_DAY, replace(OFFICE, seed=8)), HOUR)
    assert [one.at for one in other] != [one.at for one in VISITS]


def test_visits_come_in_order_of_time() -> None:
    times = [one.at for one in VISITS]
    assert times == sorted(times)
    assert min(times) > 0


def test_everything_that_people_do_is_done() -> None:
    assert {one.do for one in VISITS} == {"browse", "mail", "query", "copy", "login", "resolve"}


def test_people_outnumber_the_adversary_ten_to_one() -> None:
    assert 0.9 * 3000 < len(VISITS) < 1.15 * 3000
    assert hourly(OFFICE_DAY, OFFICE) == pytest.approx(3000, rel=0.05)


def test_without_an_adversary_people_do_what_the_habits_say() -> None:
    staff = people(SPEC)
    assert staff is not None
    wanted = len(staff.staff) * HOUR / 240
    assert wanted * 0.7 < sum(one.do == "browse" for one in quiet()) < wanted * 1.3


def quiet() -> list[Visit]:
    return within(schedule(OFFICE_DAY, replace(OFFICE, foes=0)), HOUR)


def test_there_are_never_more_than_the_limit() -> None:
    crowd = schedule(OFFICE_DAY, replace(OFFICE, foes=1e6))
    times = [one.at for one in islice(crowd, 2000)]
    assert min(b - a for a, b in pairwise(times)) > 0.999 / OFFICE_DAY.limit
    assert times[-1] == pytest.approx(2000 / OFFICE_DAY.limit, rel=0.1)


def test_the_times_between_are_those_of_people() -> None:
    mine = [one.at for one in within(schedule(day(), OFFICE), 20 * HOUR) if one.host == "desk-1"]
    gaps = [b - a for a, b in pairwise(mine)]
    assert pstdev(gaps) == pytest.approx(mean(gaps), rel=0.15), "an exponential distribution"


def test_nights_are_quiet() -> None:
    profile = day(starts="16:00", day={"00:00": 0, "08:00": 1, "17:00": 0.1})
    hours = Counter(int(one.at // HOUR) for one in within(schedule(profile, OFFICE), 10 * HOUR))
    assert hours[1] < 0.2 * hours[0]
    assert hours[9] == 0


def test_the_day_goes_by_on_the_clock_of_the_exercise() -> None:
    profile = day(starts="16:00", day={"00:00": 0, "08:00": 1, "17:00": 0})
    fast = replace(OFFICE, compression=10.0)
    visits = within(schedule(profile, fast), HOUR)
    assert visits
    assert visits[-1].at < HOUR / 10


def test_how_often_is_by_the_clock_on_the_wall() -> None:
    fast = within(schedule(day(), replace(OFFICE, compression=10.0)), HOUR)
    slow = within(schedule(day(), OFFICE), HOUR)
    assert len(fast) == len(slow)


def test_nobody_goes_where_the_policy_leads_nobody() -> None:
    assert targets("browse") == {"www", "sink2"}
    assert {"fw", "jump"} < targets("login") < {"fw", "jump", "desk-1", "desk-2", "desk-3"}


def test_the_adversarys_server_is_nobodys_friend() -> None:
    assert all(one.target.host != "sink1" for one in VISITS)


def test_only_administrators_log_in() -> None:
    who = {one.person for one in VISITS if one.do == "login"}
    assert who
    assert all(one is not None and one.admin for one in who)


def test_everybody_starts_from_where_they_sit() -> None:
    assert all(one.person is not None and one.person.host == one.host for one in VISITS)


def test_nobody_visits_the_own_host() -> None:
    assert all(one.target.host != one.host for one in VISITS)


def test_a_habit_is_that_of_some() -> None:
    staff = people(SPEC)
    assert staff is not None
    key = staff.staff[0].department.key
    habit = Habit(who=Who(department=key), do="browse", every=timedelta(minutes=1))
    who = {one.person for one in islice(schedule(day(habits=[habit]), OFFICE), 50)}
    assert who
    assert all(one is not None and one.department.key == key for one in who)


def test_where_no_people_are_known_workstations_browse_and_ask_for_names() -> None:
    office = replace(OFFICE, spec=replace(SPEC, people=None))
    visits = within(schedule(OFFICE_DAY, office), HOUR)
    assert {one.do for one in visits} == {"browse", "query", "resolve"}
    assert {one.host for one in visits} == {"desk-1", "desk-2", "desk-3"}
    assert {one.person for one in visits} == {None}


def test_where_nobody_sits_nothing_happens() -> None:
    hosts = tuple(one for one in SPEC.hosts if not one.name.startswith("desk"))
    assert list(schedule(OFFICE_DAY, replace(OFFICE, spec=replace(SPEC, hosts=hosts)))) == []


def test_an_errand_knows_who_goes() -> None:
    visit = next(one for one in VISITS if one.do == "login")
    made = errand(visit, SPEC, "5" * 32, "c1")
    assert visit.person is not None
    assert (made.who.account, made.who.uid) == (visit.person.account, visit.person.uid)
    assert made.at == f"{visit.host}.port.example"
    assert made.who.entry == f"uid={visit.person.account},ou=people,dc=port,dc=example"
    assert b"OPENSSH PRIVATE KEY" in made.who.key


def test_who_administers_nothing_has_no_key() -> None:
    visit = next(one for one in VISITS if one.person and not one.person.admin)
    assert errand(visit, SPEC, "5" * 32, "c1").who.key == b""


def test_names_are_asked_for_before_a_visit_but_not_before_asking() -> None:
    ns = str(SPEC.host("ns").nics[0].address.ip)
    asked = {one.do: errand(one, SPEC, "5" * 32, "c1").resolver for one in VISITS}
    assert asked["browse"] == ns
    assert asked["resolve"] is None
