"""Roles are written as ansible-lint would have them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from rangectl.store.library import shipped


def test_roles_are_clean(tmp_path: Path) -> None:
    here = Path(sys.executable).parent
    env = {**os.environ, "PATH": f"{here}:{os.environ['PATH']}", "ANSIBLE_HOME": str(tmp_path)}
    lint = [str(here / "ansible-lint"), "--offline", "-q", "--nocolor", "--profile", "production"]
    done = subprocess.run(  # noqa: S603
        [*lint, str(shipped("roles"))],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
