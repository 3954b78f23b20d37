"""Plays for builders, run here by Ansible itself but without one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from rangectl.plan.spec import RoleSpec
from rangectl.provision import ansible

TASKS = """\
- ansible.builtin.debug: {msg: "{{ site }}"}
- ansible.builtin.assert: {that: [number == 7, flag, site is string]}
"""


def test_what_a_topology_says_is_never_run_as_a_template(tmp_path: Path) -> None:
    role = tmp_path / "roles" / "web"
    (role / "tasks").mkdir(parents=True)
    (role / "tasks" / "main.yml").write_text(TASKS)
    site = f"{{{{ lookup('pipe', 'touch {tmp_path}/run') }}}}"
    spec = RoleSpec("web", (("flag", True), ("number", 7), ("site", site)))
    ansible._write_play(spec, role, tmp_path)
    program = Path(sys.executable).parent / "ansible-playbook"
    done = subprocess.run(  # noqa: S603 - our own Ansible
        [program, "-i", "builder,", tmp_path / "project" / "play.yml"],
        env={
            "PATH": "/usr/bin:/bin",
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_HOME": str(tmp_path / "home"),
            "ANSIBLE_ROLES_PATH": str(role.parent),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "lookup" in done.stdout
    assert not (tmp_path / "run").exists()
