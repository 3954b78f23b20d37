"""Runs of exercises: their records, and runs that play by themselves."""

from __future__ import annotations

from rangectl.app.contain import Aim
from rangectl.app.contest import Contest
from rangectl.app.exercise import Material, remove
from rangectl.errors import EnvironmentUnfitError, RangeError, UsageError
from rangectl.implants.speaking import variants
from rangectl.model.events import Planted, RunCreated
from rangectl.model.injects import COMMON
from rangectl.model.planting import Artefact
from rangectl.ports import EventLog
from rangectl.progress import Tell
from rangectl.store import library
from rangectl.store.sqlite import SqliteLog
from rangectl.wiring import reading
from rangectl.wiring.machine import edges


def material(name: str, seed: int | None = None, *, same: bool = False) -> Material:
    """Read and check an exercise with all that it names; `seed` stands in for the file's, `same`
    plants the same for all teams.
    """
    path, found = reading.exercise(name)
    if seed is not None:
        found = found.model_copy(update={"seed": seed})
    traffic = found.noise.traffic
    if same:
        found = found.model_copy(update={"same_for_all": True})
    return Material(
        exercise=found,
        topology=reading.topology(found.topology, path),
        briefing=library.briefing(found.briefing, path),
        entries=reading.entries(),
        programs=variants(library.activity()),
        profile=None if traffic is None else reading.profile(traffic, path),
    )


def log(run: str, *, must_exist: bool = False) -> EventLog:
    """Open the log of a run."""
    folder = library.home() / "runs" / run
    if must_exist and not (folder / "run.db").is_file():
        raise UsageError(f"no run named {run!r}", hint=_known_runs())  # noqa: EM102
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # the answer key is in there
    except OSError as error:
        message = f"cannot keep state in {folder}: {error.strerror}"
        raise EnvironmentUnfitError(message, hint="set RANGECTL_HOME to a folder") from error
    return SqliteLog(folder)


def injects(log: EventLog) -> frozenset[str]:
    """Return the injects that a run may be sent: the common ones, and those of its exercise, where
    that is found.
    """
    created = next((one for one in log.read() if isinstance(one, RunCreated)), None)
    if created is None:
        return frozenset(COMMON)
    try:
        _, found = reading.exercise(created.exercise)
    except RangeError:
        return frozenset(COMMON)
    return frozenset(COMMON) | found.injects.keys()


def expected(log: EventLog) -> dict[str, str]:
    """Return what a good team does with each inject that a run may be sent."""
    common = {name: one.expect for name, one in COMMON.items()}
    created = next((one for one in log.read() if isinstance(one, RunCreated)), None)
    try:
        found = reading.exercise(created.exercise)[1].injects if created is not None else {}
    except RangeError:
        return common
    return common | {name: one.expect for name, one in found.items()}


def planted(where: str) -> tuple[Artefact, ...]:
    """Return all that was planted in a team's range, given as NAME/TEAM, from the run's record."""
    name, _, team = where.partition("/")
    events = log(name, must_exist=True).read()
    teams = next((one.teams for one in events if isinstance(one, RunCreated)), ())
    if team not in teams:
        message = f"{name}: no team {team!r}"
        raise UsageError(message, hint=f"write {name}/TEAM; its teams: {', '.join(teams)}")
    mine = (one for one in events if isinstance(one, Planted) and one.team == team)
    return tuple(one.artefact for one in mine)


def runs() -> tuple[str, ...]:
    """Return the names of all runs that are on record."""
    return tuple(sorted(path.parent.name for path in library.home().glob("runs/*/run.db")))


def forget(run: str) -> None:
    """Delete the record of a run."""
    log(run, must_exist=True)
    folder = library.home() / "runs" / run
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


def contest(name: str, *, aim: Aim, tell: Tell, keep: bool) -> Contest:
    """Return a run that plays by itself; what an interrupted one left under its name goes first."""
    if name in runs():
        remove(edges(), name, lambda: forget(name))
    return Contest(
        name=name,
        edges=edges(),
        log=log(name),
        forget=lambda: forget(name),
        aim=aim,
        tell=tell,
        program=library.programs("rangectl.hunter"),
        keep=keep,
    )


def _known_runs() -> str:
    known = ", ".join(runs())
    return (
        f"on record: {known}"
        if known
        else "no run was started yet; see: rangectl exercise start --help"
    )
