"""How builders reach Debian's packages."""

from __future__ import annotations

from pathlib import Path

import pytest

from rangectl.provision import apt

DEB822 = """Types: deb
# a remark
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /somewhere.gpg

Types: deb
URIs: http://mirror.example/other
Suites: nodistro
Components: main
"""
SIGNED = "[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]"


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    (tmp_path / "sources.list.d").mkdir()
    return tmp_path


def test_debian_s_own_sources_are_taken_and_no_others(etc: Path) -> None:
    (etc / "sources.list.d/debian.sources").write_text(DEB822)
    assert apt.of_this_machine({}, etc).sources.splitlines() == [
        f"deb {SIGNED} http://mirror.example/debian bookworm main",
        f"deb {SIGNED} http://mirror.example/debian bookworm-updates main",
    ]


def test_the_one_line_form_is_read_with_its_options(etc: Path) -> None:
    line = "deb [arch=amd64 trusted=yes] http://m.example/debian bookworm main non-free\n"
    (etc / "sources.list").write_text(f"# deb http://no.example bookworm main\n{line}")
    sources = apt.of_this_machine({}, etc).sources
    assert sources == f"deb {SIGNED} http://m.example/debian bookworm main\n"


def test_a_disabled_stanza_does_not_count(etc: Path) -> None:
    (etc / "sources.list.d/debian.sources").write_text("Enabled: no\n" + DEB822)
    assert apt.of_this_machine({}, etc).sources == apt.NEUTRAL


def test_a_machine_of_another_release_gets_debian_s_own_mirror(etc: Path) -> None:
    (etc / "sources.list").write_text("deb http://archive.example/ubuntu noble main\n")
    assert apt.of_this_machine({}, etc).sources == apt.NEUTRAL


def test_proxies_of_the_environment_are_honoured(etc: Path) -> None:
    env = {"http_proxy": "http://proxy.example:3128", "HOME": "/root"}
    assert apt.of_this_machine(env, etc).proxies == (("http_proxy", "http://proxy.example:3128"),)
