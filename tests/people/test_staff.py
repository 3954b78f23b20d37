"""The staff: the same for the same words, with accounts where each works."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import replace
from typing import get_args

import pytest

from rangectl.model.people import Locale, Trade
from rangectl.people import Site, of
from rangectl.people.staff import FIRST_UID, ascii_of
from tests.people.samples import SITE

PRINT = "from tests.people.test_staff import *; print(of(SITE).staff)"


def site(**words: object) -> Site:
    return replace(SITE, about=SITE.about.model_copy(update=words))


def test_the_same_words_give_the_same_people_in_another_process() -> None:
    told = subprocess.run(  # noqa: S603 - ours
        [sys.executable, "-c", PRINT], capture_output=True, check=True, text=True
    )
    assert told.stdout.strip() == str(of(SITE).staff)


def test_another_seed_gives_other_people() -> None:
    mine, others = (of(one) for one in (SITE, site(seed=4)))
    assert {one.name for one in mine.staff}.isdisjoint({one.name for one in others.staff})


@pytest.mark.parametrize("trade", get_args(Trade))
@pytest.mark.parametrize("staff", [4, 24, 60])
def test_every_trade_has_as_many_as_were_asked_for_with_an_admin_among_them(
    trade: str, staff: int
) -> None:
    people = of(site(trade=trade, staff=staff))
    assert len(people.staff) == staff
    assert people.admins
    assert len({one.account for one in people.staff}) == staff
    assert [one.uid for one in people.staff] == list(range(FIRST_UID, FIRST_UID + staff))


@pytest.mark.parametrize("locale", get_args(Locale))
def test_accounts_are_plain_letters_in_every_locale(locale: str) -> None:
    people = of(site(locale=locale, staff=40))
    assert all(ascii_of(one.account) == one.account.rstrip("23456789") for one in people.staff)
    assert len({one.last for one in people.staff}) > 35


def test_people_have_accounts_where_they_sit_and_admins_everywhere() -> None:
    people = of(SITE)
    hosts = {host.name: {one.account for one in people.on(host)} for host in SITE.hosts}
    admins = {one.account for one in people.admins}
    assert hosts["files"] == admins
    assert hosts["plc-1"] == set()
    sitting = {one.account for one in people.staff if one.host == "desk-1"}
    assert hosts["desk-1"] == admins | sitting
    assert sitting


def test_a_department_sits_together() -> None:
    seats = [one.host for one in of(SITE).staff]
    assert seats == sorted(seats)


def test_one_of_the_staff_joined_days_ago_and_nobody_will_join_tomorrow() -> None:
    days = sorted((SITE.at.date() - one.since).days for one in of(SITE).staff)
    assert 9 <= days[0] <= 11
    assert days[1] >= 120


def test_the_bytes_of_one_seed_stay_what_they_are() -> None:
    text = "\n".join(f"{one.account} {one.department.key}" for one in of(SITE).staff)
    digest = hashlib.sha256(text.encode()).hexdigest()
    assert digest[:12] == "d4c2ce15c1ca"
