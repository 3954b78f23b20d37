"""How this machine reaches Debian's packages, so that builders reach them the same way."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SUITE = "bookworm"
_SUITES = (SUITE, f"{SUITE}-updates", f"{SUITE}-security")
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
_PROXY_NAMES = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
_PROXY_LINE = re.compile(r'^Acquire::(http|https)::Proxy(::\S+)? "([^"]*)";$')
_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")

NEUTRAL = f"""deb http://deb.debian.org/debian {SUITE} main
deb http://deb.debian.org/debian {SUITE}-updates main
deb http://deb.debian.org/debian-security {SUITE}-security main
"""


@dataclass(frozen=True, slots=True)
class AptAccess:
    """Sources (as lines), apt's options, and the proxies of the environment; `ca` for https."""

    sources: str
    options: tuple[str, ...] = ()
    proxies: tuple[tuple[str, str], ...] = ()
    ca: bytes = b""


def of_this_machine(env: Mapping[str, str], etc: Path = Path("/etc/apt")) -> AptAccess:
    """Read the machine's own way to Debian 12's packages; Debian's own mirror where it has none."""
    entries = [entry for file in _source_files(etc) for entry in _entries(file)]
    lines = [line for entry in entries for line in _debian(*entry)]
    has_main = any(f" {SUITE} " in line for line in lines)
    proxies = tuple((name, env[name]) for name in _PROXY_NAMES if env.get(name))
    ca = _BUNDLE.read_bytes() if _BUNDLE.exists() else b""
    text = "".join(f"{line}\n" for line in dict.fromkeys(lines))
    return AptAccess(text if has_main else NEUTRAL, _proxy_options(), proxies, ca)


def _source_files(etc: Path) -> list[Path]:
    parts = etc / "sources.list.d"
    files = [etc / "sources.list", *sorted(parts.glob("*.list")), *sorted(parts.glob("*.sources"))]
    return [file for file in files if file.is_file()]


Entry = tuple[list[str], list[str], list[str]]


def _entries(file: Path) -> list[Entry]:
    """Read a file's (uris, suites, components), in either of apt's two forms."""
    text = file.read_text(errors="replace")
    if file.suffix == ".sources":
        return [_stanza(part) for part in re.split(r"\n\s*\n", text)]
    rows = [re.sub(r"\[[^\]]*\]", "", line).split() for line in text.splitlines()]
    return [([row[1]], [row[2]], row[3:]) for row in rows if len(row) > 3 and row[0] == "deb"]


def _stanza(text: str) -> Entry:
    fields = {
        key.strip().lower(): value.split()
        for key, found, value in (line.partition(":") for line in text.splitlines())
        if found and not key.startswith("#")
    }
    if "deb" not in fields.get("types", []) or fields.get("enabled") == ["no"]:
        return [], [], []
    return fields.get("uris", []), fields.get("suites", []), fields.get("components", [])


def _debian(uris: list[str], suites: list[str], components: list[str]) -> list[str]:
    """Keep what serves Debian 12 itself: other people's repositories have no place in a base."""
    if "main" not in components:
        return []
    return [
        f"deb [signed-by={KEYRING}] {uri} {suite} main"
        for uri in uris
        for suite in suites
        if suite in _SUITES
    ]


def _proxy_options() -> tuple[str, ...]:
    """Ask apt for the proxies it is configured with."""
    program = shutil.which("apt-config")
    if program is None:
        return ()
    done = subprocess.run(  # noqa: S603 - fixed arguments
        [program, "dump"], capture_output=True, text=True, timeout=30, check=False
    )
    return tuple(line for line in done.stdout.splitlines() if _PROXY_LINE.match(line))
