"""The activity program, run for real against a server on the loopback."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from rangectl.implants.lease import lease
from rangectl.implants.speaking import render
from tests.implants.samples import PROGRAM

KEY = bytes(range(32))
Start = Callable[..., "subprocess.Popen[bytes]"]


class Server(ThreadingHTTPServer):
    asked: list[str]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Server)
        self.server.asked.append(f"{self.path} {self.headers['Host']}")
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"touch /tmp/obeyed; " * 1000)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        del format, args


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server(("127.0.0.1", 0), Handler)
    made.asked = []
    made.daemon_threads = True
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


@pytest.fixture
def start(tmp_path: Path, server: Server) -> Iterator[Start]:
    program = tmp_path / "ledger-sync"
    values: dict[str, str | int | float] = {
        "ADDRESS": "127.0.0.1",
        "PORT": server.server_address[1],
        "HOST": "ledger.example",
        "URI": "/?a=1",
        "PERIOD": 0.1,
        "KEY": str(tmp_path / "key"),
        "LEASE": str(tmp_path / "lease.json"),
    }
    program.write_text(render(PROGRAM, values))
    (tmp_path / "key").write_bytes(KEY.hex().encode() + b"\n")
    started: list[subprocess.Popen[bytes]] = []

    def begin() -> subprocess.Popen[bytes]:
        command = [sys.executable, str(program), "--quiet"]
        started.append(subprocess.Popen(command))  # noqa: S603
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait(10)


def give(folder: Path, text: bytes) -> None:
    fresh = folder / "fresh"
    fresh.write_bytes(text)
    fresh.rename(folder / "lease.json")


def good(seconds: float = 60, network: str = "127.0.0.0/8", key: bytes = KEY) -> bytes:
    return lease(key, [network], int(time.time() + seconds))


def until(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + 10
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    return holds()


def test_it_asks_again_and_again_while_the_lease_lasts(
    tmp_path: Path, server: Server, start: Start
) -> None:
    give(tmp_path, good())
    process = start()
    assert until(lambda: len(server.asked) >= 3)
    assert set(server.asked) == {"/?a=1 ledger.example"}
    assert process.poll() is None


BAD: dict[str, Callable[[], bytes]] = {
    "expired": lambda: good(-1),
    "signed by another": lambda: good(key=bytes(32)),
    "for other networks": lambda: good(network="10.0.0.0/8"),
    "altered": lambda: good(1).replace(b'"not_after": ', b'"not_after": 9'),
    "not JSON": lambda: b"\xff{",
    "another shape": lambda: b"[1]",
    "far too deep": lambda: b"[" * 10_000,
    "no networks": lambda: b'{"not_after": 9999999999, "mac": ""}',
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_it_leaves_at_once_without_a_good_lease(
    tmp_path: Path, server: Server, start: Start, text: Callable[[], bytes]
) -> None:
    give(tmp_path, text())
    assert start().wait(10) == 0
    assert server.asked == []


def test_it_leaves_at_once_where_there_is_no_lease(server: Server, start: Start) -> None:
    assert start().wait(10) == 0
    assert server.asked == []


def test_it_leaves_at_once_without_the_key(tmp_path: Path, server: Server, start: Start) -> None:
    give(tmp_path, good())
    (tmp_path / "key").unlink()
    assert start().wait(10) == 0
    assert server.asked == []


def test_it_ends_when_the_lease_ends(tmp_path: Path, server: Server, start: Start) -> None:
    give(tmp_path, good(2))
    process = start()
    assert process.wait(10) == 0
    assert server.asked


def test_a_second_copy_leaves_the_first_alone(tmp_path: Path, server: Server, start: Start) -> None:
    give(tmp_path, good())
    first = start()
    assert until(lambda: bool(server.asked))
    assert start().wait(10) == 0
    assert first.poll() is None


def test_it_goes_on_when_nobody_answers(tmp_path: Path, server: Server, start: Start) -> None:
    give(tmp_path, good())
    process = start()
    assert until(lambda: bool(server.asked))
    server.shutdown()
    server.server_close()
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(1)
