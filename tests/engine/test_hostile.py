"""A host that does all it can against being looked at, and copies of the activity program that left
their range, on a real engine.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest

from rangectl.engine.agent import DockerNode
from rangectl.engine.docker_engine import DockerEngine
from rangectl.implants.lease import LEASE_PATH, lease
from rangectl.implants.places import CRON_TABLES, EVERYWHERE, KEY_TABLES, PATTERNS, PROGRAM_ROOTS
from rangectl.implants.speaking import render
from rangectl.plan.fabric import Fabric, Wired
from rangectl.plan.personal import LEASE_KEY
from rangectl.plan.probing import (
    Answer,
    Edit,
    FindContent,
    Grep,
    Processes,
    Query,
    ReadFolder,
    ReadTail,
    Stat,
    Write,
)
from tests.engine.conftest import AGENT
from tests.implants.samples import PROGRAM

pytestmark = pytest.mark.engine

OUTSIDE = "/outside-of-every-range"
WORD = "what-no-host-may-show"
PLACES = ("/etc/cron.d/x", "/root/.ssh/authorized_keys", "/opt/x", "/srv/x", "/var/spool/x")
WAYS = (
    *("../" * 20 + OUTSIDE[1:], OUTSIDE, f"/proc/1/root{OUTSIDE}", f"/proc/self/root{OUTSIDE}"),
    f"/proc/self/cwd{OUTSIDE}",
)
HOSTILE = f"""
import os
for place, way in zip({PLACES!r}, {WAYS!r}):
    os.makedirs(os.path.dirname(place), exist_ok=True)
    os.symlink(way, place)
os.symlink("/", "/srv/all")
os.symlink("/srv", "/srv/again")
for place in ("/etc/cron.d/pipe", "/etc/profile.d/pipe", "/opt/pipe", "/var/www-pipe"):
    os.mkfifo(place)
for place in ("/etc/cron.d/big", "/etc/profile.d/big.sh", "/opt/big", "/var/big", "/root/big"):
    with open(place, "wb") as file:
        file.truncate(10 << 30)
for top in ("/etc/many", "/home/many", "/opt/many", "/root/many", "/srv/many", "/var/many"):
    os.mkdir(top)
    for bundle in range(NUMBER):
        first = f"{{top}}/{{bundle}}"
        open(first, "wb").close()
        for number in range(50_000):
            os.link(first, f"{{first}}-{{number}}")
"""
RENAMES = """
import ctypes, time
name = ctypes.CDLL(None).prctl
while True:
    for number in range(1000):
        name(15, b"n%d" % number, 0, 0, 0)
        time.sleep(0.0005)
"""
QUERIES: tuple[Query, ...] = (
    *(Stat(place) for place in PLACES),
    *(Grep(one, (WORD, "nothing has this")) for one in (CRON_TABLES, KEY_TABLES)),
    *(Grep(PATTERNS[one], (WORD,)) for one in ("shells", "settings", "units", "web")),
    FindContent(PROGRAM_ROOTS, ("0" * 64,), (1, 0), suid=False),
    FindContent(EVERYWHERE, ("1" * 64,), (2, 0), suid=False),
    FindContent(PROGRAM_ROOTS, ("0" * 64,), (), suid=True),
    Processes(),
)
NAMES = ("desk", "edge", "sink")


@pytest.fixture(scope="module")
def ids(docker_fabric: Fabric, docker_wired: Wired) -> dict[str, str]:
    assert docker_wired.missing == ()
    return {one.spec.name: one.container for one in docker_fabric.machines}


def python(engine: DockerEngine, container: str, text: str) -> None:
    result = engine.execute(container, ("python3", "-c", text))
    assert result.code == 0, result.output


def timed(
    node: DockerNode, containers: Sequence[str]
) -> tuple[float, tuple[tuple[Answer, ...], ...]]:
    """Probe hosts; return the least time of three, as others work beside, and the answers."""
    took, asked = [], [(one, QUERIES) for one in containers]
    for _ in range(3):
        begun = time.monotonic()
        node.probe(asked)
        took.append(time.monotonic() - begun)
    return min(took), node.probe(asked)


def test_a_hostile_host_delays_nobody_and_shows_nothing_of_others(
    docker_engine: DockerEngine,
    docker_node: DockerNode,
    ids: dict[str, str],
) -> None:
    others = [ids["edge"], ids["sink"]]
    alone, before = timed(docker_node, others)
    docker_engine.execute(AGENT, ("sh", "-c", f"echo {WORD} > {OUTSIDE}"))
    python(docker_engine, ids["desk"], HOSTILE.replace("NUMBER", "1"))
    docker_engine.spawn(ids["desk"], ("python3", "-c", RENAMES), "root")
    beside, told = timed(docker_node, [*others, ids["desk"]])
    assert beside - alone < 1.5
    shown = [[answer.error for answer in answers] for answers in told[:2]]
    assert shown == [[answer.error for answer in answers] for answers in before]
    hostile = told[2]
    assert [one.stat.type for one in hostile[:5] if one.stat is not None] == ["link"] * 5
    assert [one.lines for one in hostile if one.lines] == []
    assert hostile[-1].processes
    (tails,) = docker_node.probe([(ids["desk"], [ReadTail(place) for place in PLACES])])
    assert all(WORD.encode() not in one.data for one in tails)
    (folders,) = docker_node.probe([(ids["desk"], [ReadFolder("/srv/all"), ReadFolder("/opt")])])
    for folder in (one.folder for one in folders if one.folder is not None):
        assert all(WORD.encode() not in content for _, content in folder.files)
    assert docker_engine.execute(AGENT, ("cat", OUTSIDE)).output.strip() == WORD.encode()


COPY = "/opt/copy"
KEY = bytes(range(32))
NETWORK = "198.51.100.0/24"
RUNS_ON = 124


def start(node: DockerNode, engine: DockerEngine, container: str, files: Sequence[Edit]) -> int:
    """Start a copy of the activity program beside these files; return its code within seconds."""
    text = render(PROGRAM, {"ADDRESS": "198.51.100.9", "PORT": 80, "PERIOD": 0.5})
    program = Write(COPY, text.encode(), 0o755)
    (results,) = node.plant([(container, [program, *files])])
    assert set(results) == {None}
    return engine.execute(container, ("timeout", "8", "python3", COPY, "--quiet")).code


def test_a_copy_of_the_activity_program_exits_where_it_has_no_lease(
    docker_node: DockerNode, docker_engine: DockerEngine, ids: dict[str, str]
) -> None:
    now = int(time.time())
    key = Write(LEASE_KEY, KEY.hex().encode())
    good = Write(LEASE_PATH, lease(KEY, [NETWORK], now + 600))
    late = Write(LEASE_PATH, lease(KEY, [NETWORK], now - 1))
    elsewhere = Write(LEASE_PATH, lease(KEY, ["10.0.0.0/8"], now + 600))
    strange = Write(LEASE_KEY, bytes(32).hex().encode())
    codes = {
        "outside": start(docker_node, docker_engine, ids["sink"], []),
        "lease without its key": start(docker_node, docker_engine, ids["sink"], [good]),
        "key of another range": start(docker_node, docker_engine, ids["sink"], [good, strange]),
        "after its lease": start(docker_node, docker_engine, ids["edge"], [key, late]),
        "for another network": start(docker_node, docker_engine, ids["edge"], [key, elsewhere]),
        "with its lease": start(docker_node, docker_engine, ids["edge"], [key, good]),
    }
    assert codes == dict.fromkeys(codes, 0) | {"with its lease": RUNS_ON}
