"""The engine in memory keeps the promises of the real one; its clock, and its cron."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rangectl.engine.memory import Entry, MemoryClock, MemoryEngine
from rangectl.engine.memory_stills import MemoryStills
from rangectl.implants.lease import LEASE_PATH, lease
from rangectl.implants.probes import TRAFFIC_QUERY, parse_hits
from rangectl.plan.personal import LEASE_KEY
from rangectl.plan.probing import ProcessFact
from rangectl.plan.spec import RangeSpec
from tests.app.world import PROGRAM, World
from tests.engine import ranges
from tests.engine.engine_contract import EngineContract, Stop
from tests.engine.stills_contract import Note, StillsContract

KEY = bytes(range(32))
TABLE = "/var/spool/cron/crontabs/list"
POLLER = "/opt/a/b"
LINE = f"* * * * * {POLLER} --quiet\n"


@pytest.fixture
def engine() -> MemoryEngine:
    return MemoryEngine()


@pytest.fixture
def image() -> str:
    return "sha256:1"


@pytest.fixture
def spec() -> RangeSpec:
    return ranges.spec()


@pytest.fixture
def stop(engine: MemoryEngine) -> Stop:
    return engine.stop


class TestMemoryEngine(EngineContract):
    pass


def test_a_clock_moves_by_sleeping_alone_and_wakes_those_who_wait() -> None:
    clock = MemoryClock(datetime(2026, 1, 1, tzinfo=UTC))
    woken: list[datetime] = []
    clock.alarms.append(woken.append)
    assert clock.now() == clock.now()
    clock.sleep(1.5)
    assert woken == [clock.now()] == [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=1.5)]


def world(seconds: int = 600, line: str = LINE) -> World:
    """Return a range where a poller of the sinkhole stands on web01, with a lease that long."""
    made = World()
    made.up()
    sink = made.addresses()["sink01"][0].partition("/")[0]
    until = int(made.clock.now().timestamp()) + seconds
    text = PROGRAM.replace('"192.0.2.1"', f'"{sink}"').encode()
    files = {
        LEASE_KEY: KEY.hex().encode(),
        LEASE_PATH: lease(KEY, ["198.51.100.0/24"], until),
        POLLER: text,
        TABLE: line.encode(),
    }
    for path, content in files.items():
        made.box("web01").files[path] = Entry(content, 0o755, "root", 0.0)
    return made


def processes(made: World) -> tuple[ProcessFact, ...]:
    return made.node.cron.processes(made.seen("web01").id)


def test_cron_starts_a_resident_program_at_the_next_minute() -> None:
    made = world()
    made.clock.sleep(59)
    assert processes(made) == ()
    made.clock.sleep(1)
    (process,) = processes(made)
    assert process.command == ("/usr/bin/python3", POLLER)


def test_a_killed_program_is_started_again() -> None:
    made = world()
    made.clock.sleep(60)
    (first,) = processes(made)
    made.node.cron.kill(made.seen("web01").id, first.pid)
    assert processes(made) == ()
    made.clock.sleep(60)
    assert [one.pid for one in processes(made)] != [first.pid]
    assert len(processes(made)) == 1


def test_a_program_outlives_its_starter_and_its_file() -> None:
    made = world()
    made.clock.sleep(60)
    del made.box("web01").files[TABLE], made.box("web01").files[POLLER]
    made.clock.sleep(60)
    assert len(processes(made)) == 1


@pytest.mark.parametrize("line", [f"# {LINE}", f"5 4 * * * {POLLER}\n", "* * * * * /opt/none\n"])
def test_other_lines_start_nothing(line: str) -> None:
    made = world(line=line)
    made.clock.sleep(60)
    assert processes(made) == ()


def test_a_program_ends_with_its_lease() -> None:
    made = world(seconds=90)
    made.clock.sleep(60)
    assert len(processes(made)) == 1
    made.clock.sleep(60)
    assert processes(made) == ()


def test_a_lease_that_is_not_signed_lets_nothing_start() -> None:
    made = world()
    made.box("web01").files[LEASE_KEY] = Entry(b"00" * 32, 0o644, "root", 0.0)
    made.clock.sleep(60)
    assert processes(made) == ()


def test_a_host_that_stands_still_runs_nothing() -> None:
    made = world()
    made.clock.sleep(60)
    made.engine.stop(made.seen("web01").id)
    made.clock.sleep(60)
    assert processes(made) == ()


def test_the_server_logs_every_request() -> None:
    made = world()
    for _ in range(3):
        made.clock.sleep(60)
    hits = parse_hits(made.box("sink01").files[TRAFFIC_QUERY.path].content)
    address = made.addresses()["web01"][0].partition("/")[0]
    assert [(hit.address, hit.request) for hit in hits] == [(address, "GET / HTTP/1.1")] * 3


class TestMemoryStills(StillsContract):
    @pytest.fixture
    def stills(self, engine: MemoryEngine) -> MemoryStills:
        return MemoryStills(engine)

    @pytest.fixture
    def note(self, engine: MemoryEngine) -> Note:
        def write(container: str, path: str) -> None:
            engine.box(container).files[path] = Entry(b"", 0o644, "root", 0.0)

        return write

    @pytest.fixture
    def noted(self, engine: MemoryEngine) -> Note:
        def read(container: str, path: str) -> None:
            assert path in engine.box(container).files

        return read
