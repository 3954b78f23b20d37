"""The builder: a container in which an image is made, and of which nothing stays but the image.

What only the build needs (keys, apt's sources, proxies, package lists, Ansible's files) lies on
tmpfs below /run and /tmp, which a commit does not see. The builder shares the network of the
engine's machine, so that packages come as they come there; images carry no trace of that.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import resources

from rangectl.provision import owner
from rangectl.provision.apt import AptAccess
from rangectl.provision.engine_cli import DockerCli

PLACE = "/run/build"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SCRUB = resources.files("rangectl.provision").joinpath("scrub.sh").read_text()
_LIFETIME = 3600
_APT_CONF = f"""Dir::Etc::sourcelist "{PLACE}/sources.list";
Dir::Etc::sourceparts "-";
Dir::State::lists "{PLACE}/lists";
Dir::Cache "{PLACE}/cache";
APT::Sandbox::User "root";
APT::Install-Recommends "false";
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::http::Timeout "30";
DPkg::Options:: "--force-unsafe-io";
"""


class Builder:
    """A running builder container."""

    def __init__(self, docker: DockerCli, container: str, apt: AptAccess) -> None:
        self.docker = docker
        self.container = container
        self.environment = environment(apt)

    def sh(self, script: str, timeout: float = 900) -> str:
        """Run a shell script in the builder, with apt set up for the machine's network."""
        source = f"set -a; . {PLACE}/env; set +a\n{script}"
        return self.docker.run(
            "exec", "-i", self.container, "/bin/sh", "-s", stdin=source.encode(), timeout=timeout
        )

    def put(self, files: Mapping[str, tuple[int, bytes]]) -> None:
        """Write files below the build's own folder; it is on tmpfs and never committed."""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            for name, (mode, content) in files.items():
                entry = tarfile.TarInfo(name)
                entry.mode, entry.size = mode, len(content)
                archive.addfile(entry, io.BytesIO(content))
        self.docker.run(
            "exec", "-i", self.container, "tar", "-xf", "-", "-C", PLACE, stdin=buffer.getvalue()
        )

    def commit(self, tag: str, labels: Mapping[str, str]) -> str:
        """Scrub the filesystem, commit it under the tag, and return the image's id."""
        self.sh(SCRUB)
        changes = ["CMD []", "ENTRYPOINT []", "WORKDIR /", f"ENV PATH={PATH}"]
        changes += [f"LABEL {key}={value}" for key, value in {**_UNSET, **labels}.items()]
        options = [part for change in changes for part in ("--change", change)]
        return self.docker.run("commit", *options, self.container, tag).strip()


_UNSET = {"rangectl.kind": "image", owner.OWNER: '""', owner.STARTED: '""'}


@contextmanager
def builder(docker: DockerCli, image: str, apt: AptAccess) -> Iterator[Builder]:
    """Run a builder from an image; it is removed however the block ends."""
    tmpfs = ["--tmpfs", "/run:exec,mode=755", "--tmpfs", "/tmp:exec,mode=1777"]  # noqa: S108
    script = f"mkdir -p {PLACE}/lists/partial {PLACE}/cache/archives/partial /run/sshd /run/lock"
    command = [image, "-c", f"{script}; exec sleep {_LIFETIME}"]
    container = docker.run(
        *["create", *owner.labels(), "--network", "host", *tmpfs],
        *["--log-driver", "none", "--workdir", "/", "--entrypoint", "/bin/sh", *command],
    ).strip()
    try:
        docker.run("start", container)
        made = Builder(docker, container, apt)
        docker.run("exec", container, "/bin/sh", "-c", script)
        made.put(_settings(apt))
        made.sh(_NO_SERVICES)
        yield made
    finally:
        docker.remove(container)


_NO_SERVICES = (
    "printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d"
)


def _settings(apt: AptAccess) -> dict[str, tuple[int, bytes]]:
    """Render what apt needs in the builder."""
    conf = _APT_CONF + "".join(f"{option}\n" for option in apt.options)
    if apt.ca:
        conf += f'Acquire::https::CAInfo "{PLACE}/ca.crt";\n'
    pairs = environment(apt)
    env = "".join(f"{name}='{value}'\n" for name, value in pairs.items())
    return {
        "apt.conf": (0o644, conf.encode()),
        "sources.list": (0o644, apt.sources.encode()),
        "env": (0o644, env.encode()),
        "ca.crt": (0o644, apt.ca),
    }


def environment(apt: AptAccess) -> dict[str, str]:
    """Return the environment of every command in a builder."""
    fixed = {"APT_CONFIG": f"{PLACE}/apt.conf", "DEBIAN_FRONTEND": "noninteractive"}
    return {**fixed, "LC_ALL": "C.UTF-8", **dict(apt.proxies)}
