"""Mail: threads between the staff, newsletters and the help desk, in Maildirs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.header import Header
from email.utils import format_datetime
from functools import lru_cache
from textwrap import fill

from rangectl.people import days, teller
from rangectl.people.belongings import Thing, folder
from rangectl.people.changes import Change
from rangectl.people.dice import Dice
from rangectl.people.facts import Facts
from rangectl.people.lore import Matter
from rangectl.people.lore import desk as desk_lore
from rangectl.people.staff import People, Person

_WEEKS = 5
_OWNER = "vmail"
_SPOTS = ("/cur", "/new", "/tmp")  # noqa: S108 - what a Maildir has
_ENDS = ("Regards\n{}", "Best\n{}", "{}", "Thanks\n{}", "Greetings, {}")
_OPENS = ("Hello {},", "Hi {},", "{},", "Dear {},")


@dataclass(frozen=True, slots=True)
class Mail:
    """One message; `sender` is a name and an address."""

    when: datetime
    sender: tuple[str, str]
    to: tuple[Person, ...]
    subject: str
    text: str
    ident: str
    answers: tuple[str, ...] = ()
    to_list: str = ""
    """The list it was sent to, where it was not sent to each of its readers by name."""


def server(people: People) -> str:
    """Return the name of the host that keeps the mail; empty where there is none."""
    return next((host.name for host in people.site.hosts_with("mail")), "")


@lru_cache(maxsize=16)
def mails(facts: Facts) -> tuple[Mail, ...]:
    """Return all mail of the last weeks, oldest first."""
    made = [*_threads(facts.people), *_troubles(facts.people), *_news(facts.people), *_told(facts)]
    return tuple(sorted((one for one in made if one.when < facts.people.site.at), key=_order))


def _order(mail: Mail) -> tuple[datetime, str]:
    return mail.when, mail.ident


def maildirs(facts: Facts) -> Iterator[Thing]:
    """Yield the mailboxes of all the staff, for the host that keeps them."""
    people = facts.people
    home = server(people)
    born = {one.account: days.moment(one.since, 9 * 60) for one in people.staff}
    boxes: dict[str, list[tuple[str, Mail]]] = {one.account: [] for one in people.staff}
    for mail in mails(facts):
        for person in mail.to:
            if days.moment(person.since, 0) <= mail.when:
                boxes[person.account].append(("", mail))
        sender = mail.sender[1].partition("@")[0]
        if sender in boxes and mail.sender[1].endswith(f"@{people.site.about.domain}"):
            boxes[sender].append(("/.Sent", mail))
    yield folder("/var/vmail", _OWNER, min(born.values()), 0o750)
    for account, box in boxes.items():
        top = f"/var/vmail/{account}"
        last = max((mail.when for _, mail in box), default=born[account])
        yield folder(top, _OWNER, born[account], 0o700)
        yield folder(f"{top}/Maildir", _OWNER, last, 0o700)
        for place in ("", "/.Sent"):
            spots = ("", *_SPOTS) if place else _SPOTS
            for spot in spots:
                when = born[account] if spot == _SPOTS[-1] else last
                yield folder(f"{top}/Maildir{place}{spot}", _OWNER, when, 0o700)
        for place, mail in box:
            yield _kept(people, home, account, (place, mail))


def _kept(people: People, home: str, account: str, kept: tuple[str, Mail]) -> Thing:
    """Return one message as it lies in a Maildir: new while its reader has not opened it."""
    place, mail = kept
    dice = people.site.dice("kept", mail.ident, account)
    content = _message(people, home, account, mail, sent=bool(place)).encode()
    fresh = not place and people.site.at - mail.when < timedelta(hours=3 + dice.below(40))
    unread = fresh and dice.chance(60)
    size = f"S={len(content)},W={len(content) + content.count(10)}"
    mark = f"M{dice.within(1000, 999_999)}P{dice.within(700, 32_000)}"
    name = f"{int(mail.when.timestamp())}.{mark}.{home},{size}"
    flags = "" if unread else ":2,S"
    spot = f"{place}/{'new' if unread else 'cur'}"
    path = f"/var/vmail/{account}/Maildir{spot}/{name}{flags}"
    return Thing(path, content, 0o600, _OWNER, mail.when.timestamp())


def _message(people: People, home: str, account: str, mail: Mail, *, sent: bool) -> str:
    dice = people.site.dice("message", mail.ident)
    domain = people.site.about.domain
    inside = mail.sender[1].endswith(f"@{domain}")
    readers = [one for one in mail.to if inside or one.account == account]
    to = mail.to_list or ", ".join(_address(one.name, one.mail) for one in readers)
    queue = dice.hex(10).upper()
    stamp = format_datetime(mail.when)
    origin = "desk" if inside else f"mx.{mail.sender[1].partition('@')[2]}"
    person = next((one for one in people.staff if one.mail == mail.sender[1]), None)
    origin = person.host if person is not None and person.host else origin
    way = [
        f"Return-Path: <{mail.sender[1]}>",
        f"Delivered-To: {account}@{domain}",
        f"Received: from {origin} by {home}.{domain} (Postfix)",
        f"\twith ESMTP id {queue}; {stamp}",
    ]
    heads = [
        *([] if sent else way),
        f"Message-ID: <{mail.ident}>",
        f"Date: {stamp}",
        f"From: {_address(*mail.sender)}",
        f"To: {to}",
        f"Subject: {_header(mail.subject)}",
        *([f"In-Reply-To: <{mail.answers[-1]}>"] if mail.answers else []),
        *([f"References: {' '.join(f'<{one}>' for one in mail.answers)}"] if mail.answers else []),
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
    ]
    return "\n".join([*heads, "", mail.text, ""])


def _address(name: str, address: str) -> str:
    return f"{_header(name)} <{address}>" if name else address


def _header(text: str) -> str:
    return text if text.isascii() else Header(text, "utf-8", maxlinelen=200).encode()


def _threads(people: People) -> Iterator[Mail]:
    """Yield threads, a matter at most twice in a department, and what concerns all once in each."""
    dice = people.site.dice("threads")
    keys = [one.key for one in people.departments]
    own = [one for one in teller.lore(people).matters if one.department in keys]
    common = [one for one in teller.lore(people).matters if one.department == "*"]
    wanted = [(matter, matter.department) for matter in own for _ in range(2)]
    for matter in common:
        wanted += [(matter, key) for key in dice.some(keys, max(2, len(keys) * 2 // 5))]
    chosen = dice.some(wanted, len(people.staff) * 5 // 2)
    for number, (matter, key) in enumerate(chosen):
        yield from _thread(people, dice, matter, (number, key))


def _thread(people: People, dice: Dice, matter: Matter, place: tuple[int, str]) -> Iterator[Mail]:
    """Yield a thread: somebody writes to one of the same department, or to all of it."""
    number, key = place
    group = people.of_department(key)
    a = dice.pick(group)
    others = [one for one in group if one is not a] or list(people.of_department("it"))
    b = dice.pick(others)
    when = days.at_work(dice, people.site.at, _WEEKS)
    wide = matter.department == "*" or (len(group) > 2 and dice.chance(25))
    told = teller.scene(people, dice, when.date(), a, b)
    back = teller.Scene({**told.words, "a": b.first, "b": a.first})
    subject = told.fill(matter.subject)
    sent: list[str] = []
    everybody = matter.department == "*" and dice.chance(30)
    heard = tuple(one for one in people.staff if one is not a) if everybody else tuple(others)
    domain = people.site.about.domain
    named = f"Everybody <all@{domain}>" if everybody else f"{a.department.name} <{key}@{domain}>"
    before: tuple[Person, str, datetime] | None = None
    for turn, text in enumerate(matter.turns):
        writer, reader = (a, b) if turn % 2 == 0 else (b, a)
        # the words of a scene stay: who is {a} in a subject is {a} in the answer
        words = (told if "{a}" in text and turn else (told, back)[turn % 2]).fill(text)
        ident = f"{dice.hex(12)}.{number}.{turn}@{people.site.about.domain}"
        to = heard if wide and turn == 0 else (reader,)
        yield Mail(
            when, (writer.name, writer.mail), to, ("Re: " if turn else "") + subject,
            _letter(people, (writer, reader), words, before, wide=wide and turn == 0),
            ident, tuple(sent), named if len(to) > 1 else "",
        )  # fmt: skip
        before = (writer, words, when)
        sent.append(ident)
        when = days.later(dice, when, 6, 320)


def _letter(
    people: People,
    pair: tuple[Person, Person],
    words: str,
    before: tuple[Person, str, datetime] | None,
    *,
    wide: bool,
) -> str:
    """Return a text with greeting, name and what it answers, in its writer's own manner."""
    writer, reader = pair
    manner = people.site.dice("manner", writer.account)
    greeting = manner.pick(_OPENS).format(reader.first)
    end = manner.pick(_ENDS).format(writer.first)
    quotes, signs = manner.chance(60), manner.chance(50)
    parts = [greeting if not wide else "Hello all,", "", fill(words, 74), "", end]
    if before is None and signs:
        about = people.site.about
        parts += ["", "-- ", writer.name, f"{writer.title}, {about.organisation}", writer.phone]
    if before is not None and quotes:
        other, said, when = before
        quoted = "\n".join(f"> {line}" for line in fill(said, 72).split("\n"))
        parts += ["", f"On {when:%a, %d %b %Y at %H:%M}, {other.name} wrote:", quoted]
    return "\n".join(parts)


def _troubles(people: People) -> Iterator[Mail]:
    """Yield what the help desk is told, and what it answers."""
    dice = people.site.dice("troubles")
    desk = people.of_department("it")
    domain = people.site.about.domain
    others = [one for one in people.staff if one not in desk]
    for number in range(max(4, len(people.staff) // 2) if others else 0):
        asks, helps = dice.pick(others), desk[-1 - dice.below(min(2, len(desk)))]
        title, trouble, answer = desk_lore.TROUBLES[
            (number + dice.below(2)) % len(desk_lore.TROUBLES)
        ]
        when = days.at_work(dice, people.site.at, _WEEKS)
        ticket = f"[#{2100 + people.site.about.seed % 90 + number * 3}] {title}"
        first = f"{dice.hex(12)}.t{number}@{domain}"
        text = f"{trouble}\n\n{asks.name}, {asks.department.name}, telephone {asks.phone}"
        yield Mail(when, (asks.name, asks.mail), (helps,), ticket, text, first)
        then = days.later(dice, when, 9, 200)
        ident = f"{dice.hex(12)}.u{number}@{domain}"
        words = _letter(people, (helps, asks), answer, (asks, trouble, when), wide=False)
        sender = (helps.name, helps.mail)
        yield Mail(then, sender, (asks,), f"Re: {ticket}", words, ident, (first,))


def _news(people: People) -> Iterator[Mail]:
    """Yield newsletters of outside firms, which come at the same hour to whoever asked for them."""
    dice = people.site.dice("news")
    for number, (firm, domain) in enumerate(teller.lore(people).firms):
        readers = tuple(dice.some(people.staff, 3 + len(people.staff) // 6))
        for week in range(_WEEKS):
            if dice.chance(45):
                continue
            day = days.working_day(people.site.at.date() - timedelta(weeks=week), -number)
            when = days.moment(day, 5 * 60 + 30 + number, dice.below(60))
            told = teller.scene(people, dice, day, readers[0], readers[0])
            told = teller.Scene({**told.words, "firm": firm})
            title, text = (told.fill(one) for one in dice.pick(desk_lore.NEWS))
            text = "\n\n".join(fill(part, 74) for part in text.split("\n\n"))
            ident = f"{dice.hex(16)}@{domain}"
            yield Mail(when, (firm, f"news@{domain}"), readers, title, text, ident)


def _told(facts: Facts) -> Iterator[Mail]:
    """Yield what IT tells the staff of changes, and the mails behind what looks odd."""
    people, domain = facts.people, facts.people.site.about.domain
    for change in facts.changes:
        who = people.person(change.who)
        text, to, when = _announcement(facts, change)
        if text and to:
            title = f"{change.number}: {change.summary}"
            words = fill(text, 74) + f"\n\n{who.first}\nInformation technology"
            ident = f"{change.number.lower()}@{domain}"
            desk = f"{who.department.name} <{who.department.key}@{domain}>" if len(to) > 1 else ""
            yield Mail(when, (who.name, who.mail), to, title, words, ident, (), desk)


def _announcement(facts: Facts, change: Change) -> tuple[str, tuple[Person, ...], datetime]:
    people = facts.people
    desk = tuple(one for one in people.of_department("it") if one.account != change.who)
    before = days.moment(days.working_day(change.begin.date(), -1), 14 * 60 + 12, 31)
    host = change.hosts[0] if change.hosts else ""
    span = f"{change.begin:%H:%M} to {change.end:%H:%M} on {days.spoken(change.begin.date())}"
    if change == facts.gap:
        return (
            f"We move the disk of the logs on {host} from {span}. While it is moved nothing is "
            "written there, so there will be a hole in every log of that host. That is known and "
            "in the calendar."
        ), desk, before  # fmt: skip
    if "renamed" in change.summary:
        former = change.summary.partition(" ")[0]
        return (
            f"{former} is called {host} from {days.spoken(change.begin.date())} on, to fit the "
            "scheme. Address and keys stay. You will meet the old name in histories and notes for "
            "a while; correct it where you find it."
        ), desk, before  # fmt: skip
    if "external account" in change.summary:
        return (
            f"There is an external account on {host} now ({change.summary.partition(', ')[2]}), "
            "with a key of its own, for the acceptance tests. It ends by itself, the date is in "
            "the account list. The request came by telephone and on paper, signed."
        ), desk, change.end + timedelta(minutes=8)  # fmt: skip
    if "locked" in change.summary:
        return (
            f"Last day today: the {change.summary}. The home stays for three months. Whoever needs "
            "a file from it asks me."
        ), desk, change.end + timedelta(minutes=3)  # fmt: skip
    if "account for" in change.summary:
        newest = people.newest
        return (
            f"Welcome to {people.site.about.organisation}, {newest.first}. Your account is "
            f"{newest.account}, you sit at {newest.host or 'the front desk'}. The first password "
            "comes by telephone. Please read the page on accounts in the wiki, it is short."
        ), (newest,), change.end + timedelta(minutes=11)  # fmt: skip
    return "", (), before
