"""Nothing that a host shows of itself names the tool that made it."""

from __future__ import annotations

import pytest

from tests.e2e.program import Range

pytestmark = [pytest.mark.engine, pytest.mark.slow]
HOSTS = ("edge", "ns01", "web01", "hunt01", "sink01")
SHOWN = r"""
hostname; cat /etc/hostname /etc/hosts /etc/resolv.conf /proc/sys/kernel/domainname
for f in /proc/[0-9]*; do
    [ $f = /proc/$$ ] || tr '\0' '\n' <$f/environ
    [ $f = /proc/$$ ] || tr '\0' ' ' <$f/cmdline
    cat $f/comm $f/cgroup; readlink $f/exe $f/cwd
done 2>/dev/null
grep -v '^overlay / ' /proc/mounts
ip -d link; ip address; ip route; cat /etc/passwd /etc/group; cat /proc/net/unix
ls -la / /run /tmp /etc /opt /srv /home /root /var/lib /var/log /usr/local/bin /usr/local/sbin
env
"""
WORDS = ("rangectl", "ansible", "implant", "builder", "/opt/node")


@pytest.mark.parametrize("host", HOSTS)
def test_what_a_host_shows_of_itself_names_no_tool(
    standing: tuple[Range, Range], host: str
) -> None:
    shown = standing[0].must(host, SHOWN).lower()
    assert "/sbin/init" in shown or "python3" in shown or "nginx" in shown
    found = [line for line in shown.splitlines() if any(word in line for word in WORDS)]
    assert found == []


@pytest.mark.parametrize("host", HOSTS)
def test_no_file_of_a_host_names_the_tool(standing: tuple[Range, Range], host: str) -> None:
    folders = "/etc /home /opt /root /run /srv /tmp /usr/local /var"
    assert standing[0].sh(host, f"grep -rIl range'ctl' {folders}")[1] == ""
    assert standing[0].sh(host, "find / -xdev -iname '*range'ctl'*'")[1] == ""


def test_the_engine_s_mark_is_gone_and_pid_1_says_little(standing: tuple[Range, Range]) -> None:
    for host in HOSTS:
        assert standing[0].sh(host, "test -e /.dockerenv")[0] == 1
    for host in set(HOSTS) - {"sink01"}:  # nginx writes its title over its environment
        names = (
            standing[0].must(host, r"tr '\0' '\n' </proc/1/environ | cut -d= -f1 | sort").split()
        )
        assert set(names) <= {"HOME", "HOSTNAME", "PATH", "PWD", "SHLVL", "container", "OLDPWD"}


def test_every_process_but_the_one_that_looks_descends_from_the_first(
    standing: tuple[Range, Range],
) -> None:
    listed = standing[0].must("web01", "echo $$; ps -eo pid=,ppid=").split()
    me, pairs = listed[0], list(zip(listed[1::2], listed[2::2], strict=True))
    assert [pid for pid, parent in pairs if parent == "0" and pid != me] == ["1"]
