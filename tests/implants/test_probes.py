import json
import math
from datetime import timedelta
from pathlib import PurePosixPath

import pytest

from rangectl.implants.compose import stamped
from rangectl.implants.item import Item
from rangectl.implants.places import PROGRAM_ROOTS
from rangectl.implants.probes import (
    TRAFFIC_QUERY,
    ComponentSeen,
    SinkholeHit,
    known_since,
    parse_hits,
    queries,
    seen,
)
from rangectl.model.planting import Component
from rangectl.plan.probing import (
    Answer,
    FileFact,
    FindContent,
    Grep,
    LineFact,
    Processes,
    ProcessFact,
    Query,
    ReadTail,
    Stat,
)
from tests.implants import samples
from tests.implants.samples import NOW

DIGEST = "ab" * 32
ITEMS = {
    item.artefact.entry: item
    for item in stamped(
        samples.items(),
        {n: {"/usr/bin/true": (DIGEST, 35664)} for n in ("web01", "desk-1", "desk-2", "desk-3")},
    )
    if item.artefact.nature == "implant"
}


def part(item: Item, name: str) -> Component:
    return next(one for one in item.artefact.components if one.id == name)


def answers(item: Item, **by_component: Answer) -> tuple[Answer, ...]:
    """Answer nothing to every query but the first one of the components named."""
    found: list[Answer] = []
    for one in item.artefact.components:
        alone = item.artefact.model_copy(update={"components": (one,)})
        found += [by_component.get(one.id, Answer()) for _ in queries(alone)]
    return tuple(found)


def present(item: Item, *hits: SinkholeHit, **by_component: Answer) -> dict[str, bool]:
    result = seen(item.artefact, answers(item, **by_component), hits, NOW)
    return {one.component: one.present for one in result}


def fact(path: str, mode: int = 0o755, sha256: str = DIGEST) -> FileFact:
    return FileFact(path, "file", mode, 0, 0, 35664, 0.0, 0.0, sha256)


def process(pid: int, *command: str, exe: str = "/usr/bin/python3.11", start: int = 5) -> Answer:
    return Answer(processes=(ProcessFact(pid, 1, start, 33, exe, command),))


def line(item: Item, text: str, name: str = "starter", path: str = "/etc/cron.d/x") -> Answer:
    needle = part(item, name).needle or ""
    return Answer(lines=(LineFact(path, 3, text.format(needle), needle),))


BEACON, DROP_IN, KEY, COPY = (
    ITEMS[key] for key in ("c2.http", "cron.dropin", "ssh.authkey", "suid.copy")
)
PATH = part(BEACON, "process").needle or ""
URI = part(BEACON, "traffic").needle or ""
SOURCE = str(part(BEACON, "traffic").source)


def hit(ago: float = 10, address: str = SOURCE, uri: str = URI) -> SinkholeHit:
    return SinkholeHit(NOW.timestamp() - ago, address, f"GET {uri} HTTP/1.1")


def test_questions_are_about_the_components_in_order() -> None:
    kinds: list[type[Query]] = [type(one) for one in queries(BEACON.artefact)]
    assert kinds == [Grep, Processes, FindContent]
    assert [type(one) for one in queries(COPY.artefact)] == [Stat, FindContent]


def test_nothing_there_is_nothing_present() -> None:
    assert set(present(BEACON).values()) == {False}
    assert set(present(DROP_IN).values()) == {False}


def test_all_there_is_all_present() -> None:
    found = present(
        BEACON,
        hit(),
        starter=line(BEACON, "* * * * * {} --quiet"),
        process=process(7, "/usr/bin/python3", PATH, "--quiet"),
        program=Answer(files=(fact(PATH),)),
    )
    assert set(found.values()) == {True}


@pytest.mark.parametrize("text", ["{}", "# {} --quiet", "#* * * * * www-data {} --all # off"])
def test_a_line_that_is_commented_out_still_counts(text: str) -> None:
    assert present(DROP_IN, starter=line(DROP_IN, text, path="/etc/cron.d/x.bak"))["starter"]


def test_cron_is_searched_under_whatever_name() -> None:
    query = queries(DROP_IN.artefact)[0]
    assert isinstance(query, Grep)
    assert {"/etc/cron.d/*", "/var/spool/cron/crontabs/*"} <= set(query.patterns)


def test_a_key_is_searched_in_every_accounts_files() -> None:
    query = queries(KEY.artefact)[0]
    assert isinstance(query, Grep)
    assert {"/root/.ssh/authorized_keys*", "/home/*/.ssh/authorized_keys*"} <= set(query.patterns)


def test_a_line_without_the_needle_is_not_believed() -> None:
    lie = Answer(lines=(LineFact("/etc/cron.d/x", 1, "nothing", part(KEY, "key").needle or ""),))
    assert not present(KEY, key=lie)["key"]


def test_a_process_is_seen_with_its_id_and_start() -> None:
    given = answers(BEACON, process=process(7, "/usr/bin/python3", PATH))
    found = {one.component: one for one in seen(BEACON.artefact, given, (), NOW)}
    assert found["process"] == ComponentSeen("process", present=True, pid=7, start=5)


@pytest.mark.parametrize(
    "answer",
    [
        process(7, "/usr/bin/less", PATH, exe="/usr/bin/less"),
        process(7, "/bin/sh", "-c", f"{PATH} --quiet", exe="/usr/bin/dash"),
        process(7, "/usr/bin/python3", PATH + ".old"),
        process(7),
    ],
    ids=["viewer", "shell", "other program", "kernel thread"],
)
def test_a_process_that_only_names_the_program_is_not_it(answer: Answer) -> None:
    assert not present(BEACON, process=answer)["process"]


def test_a_copy_is_present_while_it_has_the_bit() -> None:
    path = part(COPY, "program").path or ""
    assert present(COPY, program=Answer(stat=fact(path, 0o4755)))["program"]
    assert not present(COPY, program=Answer(stat=fact(path, 0o755)))["program"]


def test_a_copy_that_was_moved_is_present() -> None:
    assert present(COPY, program=Answer(files=(fact("/opt/elsewhere", 0o4755),)))["program"]


@pytest.mark.parametrize("folder", ["/usr/lib", "/usr/share/misc", "/mnt", "/boot"])
def test_a_copy_is_looked_for_wherever_a_set_user_id_bit_counts(folder: str) -> None:
    assert any(PurePosixPath(folder).is_relative_to(root) for root in PROGRAM_ROOTS)


def test_a_registered_copy_is_not_the_implant() -> None:
    other = COPY.artefact.components[0].model_copy(update={"others": ("/opt/known",)})
    artefact = COPY.artefact.model_copy(update={"components": (other,)})
    given = (Answer(), Answer(files=(fact("/opt/known", 0o4755),)))
    assert seen(artefact, given, (), NOW) == (ComponentSeen("program", present=False),)


def test_a_host_that_does_not_answer_says_nothing() -> None:
    count = len(queries(BEACON.artefact))
    found = seen(BEACON.artefact, (Answer(error="no such process"),) * count, (hit(),), NOW)
    assert found == (ComponentSeen("traffic", present=True),)


def test_too_few_answers_say_nothing() -> None:
    assert [one.component for one in seen(BEACON.artefact, (), (), NOW)] == ["traffic"]


@pytest.mark.parametrize(
    ("heard", "expected"),
    [
        (hit(), True),
        (hit(ago=75), True),
        (hit(ago=90), False),
        (hit(ago=-3600), False),
        (hit(address="10.20.1.99"), False),
        (hit(uri="/"), False),
        (hit(uri=URI + "0"), False),
    ],
)
def test_traffic_is_a_fresh_request_of_this_host(heard: SinkholeHit, *, expected: bool) -> None:
    window = part(BEACON, "traffic").model_copy(update={"lately": timedelta(seconds=76)})
    artefact = BEACON.artefact.model_copy(update={"components": (window,)})
    assert seen(artefact, (), (heard,), NOW)[0].present is expected


def test_the_sinkholes_log_is_read() -> None:
    row = {
        "time": 1772442000.123,
        "address": "10.20.1.21",
        "port": 40312,
        "request": "GET / HTTP/1.1",
        "status": 200,
        "host": "x",
        "agent": "y",
    }
    data = (json.dumps(row) + "\n").encode() * 2
    assert parse_hits(data) == (SinkholeHit(1772442000.123, "10.20.1.21", "GET / HTTP/1.1"),) * 2
    assert ReadTail("/var/log/nginx/access.log") == TRAFFIC_QUERY


HOSTILE = (
    b"",
    b"\x00\xff\xfe",
    b"{",
    b"[]",
    b"1e999",
    b"null",
    b"[" * 4000,
    b'{"time": NaN, "address": "a", "request": "b"}',
    b'{"time": "9' + b"9" * 3000 + b'", "address": "a", "request": "b"}',
    b'{"time": 1' + b"0" * 3000 + b', "address": "a", "request": "b"}',
    b'{"time": true, "address": "a", "request": "b"}',
    b'{"time": 1, "address": ["a"], "request": "b"}',
    b'{"time": 1, "address": "a", "request": {}}',
    b'{"time": 1, "address": "a", "request": "' + b"x" * 5000 + b'"}',
)


@pytest.mark.parametrize("data", HOSTILE)
def test_a_hostile_log_line_is_passed_over(data: bytes) -> None:
    good = b'{"time": 1, "address": "a", "request": "b"}'
    assert len([one for one in parse_hits(data + b"\n" + good) if one.time == 1]) == 1


def test_a_short_log_is_known_from_its_beginning() -> None:
    assert known_since(b"", ()) == -math.inf


def test_a_long_log_is_known_from_the_first_request_that_was_read() -> None:
    cut = b" " * TRAFFIC_QUERY.size
    assert known_since(cut, (hit(ago=20), hit(ago=10))) == hit(ago=20).time
    assert known_since(cut, ()) == math.inf


def test_the_log_of_an_ordinary_web_server_is_read() -> None:
    line = b'10.0.0.7 - - [02/Mar/2026:08:59:50 +0000] "GET /notes.txt HTTP/1.1" 200 5 "-" "x/1"'
    (hit,) = parse_hits(line + b'\n10.0.0.7 - - [nonsense 1234567890123] "GET /" 200 \n')
    assert (hit.address, hit.request) == ("10.0.0.7", "GET /notes.txt HTTP/1.1")
    assert hit.time == NOW.timestamp() - 10
