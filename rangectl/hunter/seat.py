"""What a trainee has: ssh to the hosts, the briefing, and the `hunt` client."""

from __future__ import annotations

import atexit
import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from .reading import View, read_view
from .register import Register, read_register

SSH = "ssh -o BatchMode=yes -o ConnectTimeout=10 -o ControlMaster=auto -o ControlPersist=60"
AT_ONCE = 6
MOST_ANSWER, MOST_ERRORS = 64 * 1024 * 1024, 64 * 1024
NONSENSE = (KeyError, TypeError, AttributeError, ValueError, IndexError, RecursionError)
"""What reading what a host told may end in, where it was told in bad faith."""
Result = TypeVar("Result")
Tell = Callable[[str], None]


class SeatError(Exception):
    """A host or the client did not do what was asked."""


class Seat:
    """The trainee's place in the kit; folders and programs as the environment names them."""

    def __init__(self, tell: Tell) -> None:
        env = os.environ
        self.tell = tell
        self._began = time.monotonic()
        self._ssh = shlex.split(env.get("HUNT_SSH") or f"{SSH} -o ControlPath={_own_folder()}/%C")
        self._hunt = shlex.split(env.get("HUNT", "hunt"))
        self._keys = Path(env.get("HUNT_KEYS", str(Path.home() / ".ssh")))
        self._briefing = Path(env.get("HUNT_BRIEFING", "/srv/briefing"))

    def now(self) -> float:
        """Return the seconds since this began."""
        return time.monotonic() - self._began

    def register(self) -> Register:
        """Read the partner's register."""
        text = (self._briefing / "register.json").read_text(encoding="utf-8")
        return read_register(json.loads(text))

    def has_partner_seat(self) -> bool:
        """Return whether the partner's key has come."""
        return (self._keys / "partner").exists()

    def own_keys(self) -> frozenset[str]:
        """Return the fingerprints of the keys that let the guests themselves in."""
        found = set()
        for name in ("hunter", "partner"):
            key = self._keys / name
            if key.exists():
                told = _run(["ssh-keygen", "-lf", str(key)], "", 20)
                found.update(re.findall(r"SHA256:\S+", told))
        return frozenset(found)

    def run_on(self, host: str, program: str, argument: object, *, root: bool = False) -> Any:  # noqa: ANN401 - JSON
        """Run one of the programs beside this file on a host, and return what it told."""
        text = Path(__file__).with_name(program).read_text(encoding="utf-8")
        call = f"\n\nmain({json.dumps(argument)!r})\n"
        target, command = (f"{host}-partner", "sudo -n ") if root else (host, "")
        ssh = [*self._ssh, target, command + "python3 -I -"]
        try:
            return json.loads(_run(ssh, text + call, 90))
        except (ValueError, RecursionError) as error:  # the second for what is nested deeply
            message = f"{host}: {program} told nothing of use: {error}"
            raise SeatError(message) from None

    def survey(self, host: str, ask: dict[str, Any]) -> View:
        """Look at one host."""
        try:
            return read_view(self.run_on(host, "survey.py", ask))
        except NONSENSE as error:
            message = f"what it told makes no sense: {error!r}"
            raise SeatError(message) from None

    def traces(self, host: str, watched: Sequence[str], excluded: Sequence[str]) -> dict[str, Any]:
        """Read what else one host shows: `watched` paths in any case, `excluded` ones in none."""
        ask = {"watched": list(watched), "excluded": list(excluded)}
        told: object = self.run_on(host, "traces.py", ask)
        files = told.get("files") if isinstance(told, dict) else None
        if (
            not isinstance(told, dict)
            or not isinstance(files, list)
            or not all(map(_is_row, files))
        ):
            message = f"{host}: what it told makes no sense"
            raise SeatError(message)
        return told

    def evict(self, host: str, plan: Sequence[dict[str, Any]]) -> list[str]:
        """Carry out a plan on one host as the partner; return how each step went."""
        went = self.run_on(host, "evict.py", list(plan), root=True)
        return [str(one) for one in went] if isinstance(went, list) else []

    def on_all(self, hosts: Sequence[str], act: Callable[[str], Result]) -> dict[str, Result]:
        """Do something on all hosts, on several at a time: looking must not be what a network
        notices. Leave out, and tell, where it failed.
        """
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            jobs = {host: pool.submit(act, host) for host in hosts}
        done = {}
        for host, job in jobs.items():
            error = job.exception()
            if isinstance(error, SeatError):
                self.tell(f"{host}: {error}")
            elif isinstance(error, NONSENSE):
                self.tell(f"{host}: what it told makes no sense: {error!r}"[:300])
            else:
                done[host] = job.result()
        return done

    def submit(self, findings: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Hand in findings; where one is refused, hand in the others. Return those refused."""
        try:
            self._submit(findings)
        except SeatError as error:
            if len(findings) > 1:
                return [one for finding in findings for one in self.submit([finding])]
            self.tell(f"not handed in: {error}")
            return list(findings)
        return []

    def _submit(self, findings: Sequence[dict[str, Any]]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            files = []
            for number, finding in enumerate(findings):
                path = Path(folder) / f"{number:05d}.json"
                path.write_text(json.dumps(finding), encoding="utf-8")
                files.append(str(path))
            if files:
                self.hunt("submit", *files)

    def hunt(self, *args: str) -> str:
        """Call the trainee's client; return what it printed."""
        return _run([*self._hunt, *args], "", 120)

    def unanswered(self) -> int:
        """Return how many submissions have no receipt yet."""
        return sum(1 for one in json.loads(self.hunt("list", "--json")) if not one["receipt"])


def _is_row(row: object) -> bool:
    """Return whether this tells of a file what is read of it before anything else."""
    if not isinstance(row, dict) or "owned" not in row:
        return False
    return isinstance(row.get("path"), str) and isinstance(row.get("text"), str | None)


def _own_folder() -> str:
    """Make a folder for the sockets of shared connections, for as long as this program runs."""
    folder = tempfile.mkdtemp(prefix="ssh-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _run(command: Sequence[str], text: str, seconds: float) -> str:
    """Run a program with a text on its standard input; return what it wrote, in bounds."""
    try:
        code, output, errors = _bounded(command, text, seconds)
    except OSError as error:
        message = f"{command[0]}: {error}"
        raise SeatError(message) from None
    if code != 0:
        said = errors.decode(errors="replace").strip()[-500:]
        ended = f"it was ended, as it took longer than {seconds:g} s, or told too much"
        message = f"{command[0]}: {said or (ended if code < 0 else f'exit code {code}')}"
        raise SeatError(message)
    return output.decode("utf-8", "replace")


def _bounded(command: Sequence[str], text: str, seconds: float) -> tuple[int, bytes, bytes]:
    with tempfile.TemporaryFile() as said:
        said.write(text.encode())
        said.seek(0)
        with subprocess.Popen(  # noqa: S603 - ssh and hunt, arguments as a list
            command,
            stdin=said,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        ) as process:
            if process.stdout is None or process.stderr is None:
                raise AssertionError
            late = threading.Timer(seconds, process.kill)
            late.start()
            try:
                output = process.stdout.read(MOST_ANSWER)
                if len(output) == MOST_ANSWER:
                    process.kill()
                errors = process.stderr.read(MOST_ERRORS)
                process.kill() if len(errors) == MOST_ERRORS else process.wait()
            finally:
                late.cancel()
        return process.returncode, output, errors
