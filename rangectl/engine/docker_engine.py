"""Ranges on a real Docker Engine."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property
from typing import Any, TypeVar, get_args
from urllib.parse import urlsplit

import docker
from docker.errors import APIError, DockerException, NotFound

from rangectl.errors import EnvironmentUnfitError, RangeError
from rangectl.plan.containers import LABEL, Container, Seen
from rangectl.plan.spec import HostKind, RangeId
from rangectl.ports import ExecResult, Started

_THREADS = 2 * (os.cpu_count() or 2)
_TIMEOUT = 120
_CONFLICT = 409
_RUNS_ALREADY = 304
_LOST = re.compile(r"\btask [0-9a-f]{64}: already exists|is marked for removal")
_SOCKET = "unix:///var/run/docker.sock"
_POLICY = {"Name": "always"}
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def connect() -> docker.DockerClient:
    """Return a client of the machine's engine; EnvironmentUnfitError when none answers."""
    try:
        _knock()
        client = docker.from_env(timeout=_TIMEOUT, max_pool_size=4 * _THREADS)
        client.ping()
    except (DockerException, OSError) as error:
        where = os.environ.get("DOCKER_HOST") or _SOCKET
        cause = _cause(error)
        message = f"no Docker Engine answers at {where}: {cause.strerror if cause else error}"
        hint = "start it, or run script/setup, which installs and starts one"
        if isinstance(cause, PermissionError):
            hint = "run this as root, or as a member of the group docker"
        raise EnvironmentUnfitError(message, hint=hint) from error
    return telling(client)


def _knock() -> None:
    """Raise OSError where nobody listens: the client would leave its socket open then."""
    where = urlsplit(os.environ.get("DOCKER_HOST") or _SOCKET)
    if where.scheme == "unix":
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(_TIMEOUT)
            probe.connect(where.path)


def telling(client: docker.DockerClient) -> docker.DockerClient:
    """Make an engine that goes away an EnvironmentUnfitError, whatever the client is asked for."""
    api: Any = client.api
    send = api.send

    def send_or_tell(*request: object, **settings: object) -> object:
        try:
            return send(*request, **settings)
        except OSError as error:  # all of the HTTP library's errors are
            message = f"the Docker Engine does not answer: {error}"
            raise EnvironmentUnfitError(message, hint="is it being restarted?") from error

    api.send = send_or_tell
    return client


def _cause(error: BaseException | None) -> OSError | None:
    """Return what the system said, below all that libraries wrapped around it."""
    while error is not None and not (isinstance(error, OSError) and error.strerror):
        error = error.__cause__ or error.__context__
    return error


def find_image(client: docker.DockerClient, tag: str) -> tuple[str, tuple[str, ...]] | None:
    """Return the id of an image and the digests of what it is stacked of; None where it lacks."""
    api: Any = client.api
    try:
        found = api.inspect_image(tag)
    except NotFound:
        return None
    except APIError as error:
        verb = "look for"
        raise failed(verb, tag, error) from error
    return str(found["Id"]), tuple(found["RootFS"].get("Layers") or ())


class DockerEngine:
    """Implements the Engine port."""

    def __init__(self, client: docker.DockerClient) -> None:
        self._api: Any = client.api

    @cached_property
    def _info(self) -> Mapping[str, Any]:
        """What the engine says that it can do."""
        found: Mapping[str, Any] = self._api.info()
        return found

    def seen(self, name: str | None = None) -> tuple[Seen, ...]:
        """Return the containers of all ranges, or of those brought up under `name`."""
        try:
            rows = self._api.containers(all=True, filters={"label": [f"{LABEL}range"]})
        except APIError as error:
            msg = "list"
            raise failed(msg, "its containers", error) from error
        found = (_seen(row) for row in rows)
        return tuple(
            sorted(
                (one for one in found if one and name in {None, one.range.name}),
                key=lambda one: (str(one.range), one.host),
            )
        )

    def mistold(self) -> tuple[Seen, ...]:
        """Return the containers of ranges that the engine lists as they are not.

        One whose disk was full when they started or ended could not note it.
        """
        seen = self.seen()
        wrong = each(self._differs, seen)
        return tuple(one for one, differs in zip(seen, wrong, strict=True) if differs)

    def _differs(self, seen: Seen) -> bool:
        """Whether a container runs though it is listed to stand still, or the other way round."""
        try:
            state = self._api.inspect_container(seen.id)["State"]
        except NotFound:
            return False
        return bool(state["Running"]) != seen.running and not state["Restarting"]

    def create(self, wanted: Sequence[Container]) -> tuple[Seen, ...]:
        """Create containers, several at once, not started yet; one that exists is adopted."""
        return tuple(each(self._create, wanted))

    def start(self, containers: Sequence[str]) -> Started:
        """Start containers that stand still; one that runs already is seen to run from then on."""
        found = dict(zip(containers, each(self._start, containers), strict=True))
        lost = tuple((one, why) for one, why in found.items() if why)
        return Started(tuple(one for one, why in found.items() if why == ""), lost)

    def remove(self, containers: Sequence[str]) -> None:
        """Remove containers with all they hold; those that are gone already are no error."""
        each(self._remove, containers)

    def execute(self, container: str, command: Sequence[str], user: str = "root") -> ExecResult:
        """Run a command in a container and wait for its end."""
        try:
            made = self._api.exec_create(container, list(command), user=user)
            output = self._api.exec_start(made["Id"])
            code = self._api.exec_inspect(made["Id"])["ExitCode"]
        except APIError as error:
            msg = "run a command in"
            raise failed(msg, container, error) from error
        return ExecResult(code=int(code), output=bytes(output))

    def spawn(self, container: str, command: Sequence[str], user: str) -> None:
        """Start a command in a container and leave it running."""
        try:
            made = self._api.exec_create(container, list(command), user=user)
            self._api.exec_start(made["Id"], detach=True)
        except APIError as error:
            msg = "run a command in"
            raise failed(msg, container, error) from error

    def _create(self, wanted: Container) -> Seen:
        try:
            config = _config(wanted, self._info)
            made = self._api.create_container_from_config(config, wanted.name)["Id"]
        except APIError as error:
            if error.status_code != _CONFLICT:
                msg = "create"
                raise failed(msg, wanted.name, error) from error
            made = self._adopt(wanted)
        return _read(made, dict(wanted.labels), running=False)

    def _adopt(self, wanted: Container) -> str:
        """Take over a container that an interrupted run left, if it is the one that is wanted."""
        there = self._api.inspect_container(wanted.name)
        labels = there["Config"]["Labels"] or {}  # its image's are among them
        if not dict(wanted.labels).items() <= labels.items():
            message = f"a container named {wanted.name} exists and is another"
            raise RangeError(message, hint="is another command at work on this range?")
        return str(there["Id"])

    def _start(self, container: str) -> str | None:
        """Start a container; return None where it runs already, or why it never can any more."""
        try:
            response = self._api._post(self._api._url("/containers/{0}/start", container))  # noqa: SLF001 - `start` does not tell whether it ran
            self._api._raise_for_status(response)  # noqa: SLF001 - as above
            if response.status_code == _RUNS_ALREADY:
                self._note(container)
                return None
        except APIError as error:
            if why := lost(error):
                return why
            msg = "start"
            raise failed(msg, container, error) from error
        return ""

    def _note(self, container: str) -> None:
        """Make the engine write down how a container is: with a full disk it could not, and lists
        it ever since as it was before.
        """
        self._api.update_container(container, restart_policy=_POLICY)

    def _remove(self, container: str) -> None:
        try:
            self._api.remove_container(container, force=True, v=True)
        except NotFound:
            return
        except APIError as error:
            if error.status_code != _CONFLICT:
                msg = "remove"
                raise failed(msg, container, error) from error
            self._await_removal(container)

    def _await_removal(self, container: str) -> None:
        """Wait for the end of a removal that somebody else began."""
        try:
            self._api.wait(container, timeout=_TIMEOUT, condition="removed")
        except NotFound:
            return
        except (APIError, OSError, EnvironmentUnfitError) as error:
            message = f"{container[:12]} is being removed, and does not go"
            raise RangeError(message, hint="run the same command again") from error


def each(
    work: Callable[[_Item], _Result], items: Iterable[_Item], threads: int = _THREADS
) -> list[_Result]:
    """Do all, several at once; the first error is raised when all are done."""
    with ThreadPoolExecutor(threads) as pool:
        futures = [pool.submit(work, item) for item in items]
        try:
            return [future.result() for future in futures]
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def lost(error: APIError) -> str | None:
    """Return why a container can never be started again; None where it may be another time.

    An engine that was killed between a container's first breath and the note of it finds, when it
    is back, that there is one by that id already, and 20.10 never gets over it. One that was killed
    while it removed a container keeps it, to be removed and nothing else.
    """
    why = _LOST.search(str(error.explanation or error))
    return why[0] if why else None


def failed(verb: str, what: str, error: APIError) -> RangeError:
    """Say what the engine could not do, in its own words."""
    return RangeError(f"the engine could not {verb} {what}: {error.explanation or error}")


def _seen(row: dict[str, Any]) -> Seen | None:
    """Read a row of the engine's list; None for the node agent, builders and the like."""
    labels = row["Labels"] or {}
    known = {LABEL + "kind", LABEL + "host", LABEL + "range"} <= labels.keys()
    if not known or labels[LABEL + "kind"] not in get_args(HostKind):
        return None
    made = _read(row["Id"], labels, running=row["State"] in {"running", "paused"})
    return replace(made, frozen=row["State"] == "paused")


def _read(container: str, labels: dict[str, str], *, running: bool) -> Seen:
    name, _, team = labels[LABEL + "range"].partition("/")
    kind: HostKind = next(k for k in get_args(HostKind) if k == labels[LABEL + "kind"])
    return Seen(
        id=container,
        range=RangeId(name, team),
        kind=kind,
        host=labels[LABEL + "host"],
        running=running,
        labels=tuple(sorted(labels.items())),
    )


def log_config(info: Mapping[str, Any]) -> dict[str, Any]:
    """Return how an engine is to keep what a container writes; Podman knows no driver `local`."""
    known = (info.get("Plugins") or {}).get("Log") or ["local"]
    if "local" in known:
        return {"Type": "local", "Config": {"max-size": "1m", "max-file": "2"}}
    return {"Type": "json-file", "Config": {"max-size": "1m"}}


def _config(wanted: Container, info: Mapping[str, Any]) -> dict[str, Any]:
    """Write a container the way the engine's API wants it."""
    return {
        "Image": wanted.image,
        "Hostname": wanted.hostname,
        "Entrypoint": list(wanted.entrypoint),
        "Cmd": [],
        "Env": ["container=docker"],
        "Labels": dict(wanted.labels),
        "StopSignal": "SIGRTMIN+3",
        "Healthcheck": {"Test": ["NONE"]},
        "NetworkDisabled": True,
        "HostConfig": {
            "NetworkMode": "none",
            "CapDrop": ["ALL"],
            "CapAdd": list(wanted.capabilities),
            "CgroupnsMode": "private",
            "Sysctls": dict(wanted.sysctls),
            "Tmpfs": {path: "rw,nosuid,nodev,mode=" + _mode(path) for path in wanted.tmpfs},
            **limits(info, wanted.memory, wanted.pids, wanted.cpus),
            "LogConfig": log_config(info),
            "RestartPolicy": _POLICY,
        },
    }


def limits(info: Mapping[str, Any], memory: int, pids: int, cpus: float = 0) -> dict[str, int]:
    """Return limits as the engine's API wants them.

    An engine is not asked for one that it cannot hold a container to: some refuse to try.
    """
    wanted = {
        "MemoryLimit": {"Memory": memory, "MemorySwap": memory},
        "PidsLimit": {"PidsLimit": pids},
        "CpuCfsQuota": {"NanoCpus": int(cpus * 1e9)},
    }
    held = (part for able, part in wanted.items() if info.get(able, True))
    return {key: value for part in held for key, value in part.items()}


def _mode(path: str) -> str:
    return "1777" if path == "/tmp" else "755"  # noqa: S108 - a mount point inside the container
