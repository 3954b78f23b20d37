"""A folder that stands for a container's root, beside a secret that no container may show."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from rangectl.node import files


@pytest.fixture
def top(tmp_path: Path) -> Path:
    (tmp_path / "root/etc").mkdir(parents=True)
    (tmp_path / "secret").write_text("found me\n")
    return tmp_path / "root"


@pytest.fixture
def root(top: Path) -> Iterator[int]:
    with files.held(os.open(top, os.O_PATH | os.O_DIRECTORY)) as held:
        yield held
