"""Role images in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from rangectl.provision.memory import MemoryImages
from rangectl.provision.rolebook import Rolebook
from tests.provision.contract import ImagesContract


class TestMemoryImages(ImagesContract):
    @pytest.fixture
    def images(self, root: Path) -> MemoryImages:
        return MemoryImages(Rolebook(root))
