"""Role images in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from rangectl.provision.memory import MemoryImages, MemoryShelf
from rangectl.provision.rolebook import Rolebook
from tests.provision.contract import ImagesContract, ShelfContract


class TestMemoryImages(ImagesContract, ShelfContract):
    @pytest.fixture
    def images(self, root: Path) -> MemoryImages:
        return MemoryImages(Rolebook(root))

    @pytest.fixture
    def shelf(self, images: MemoryImages) -> MemoryShelf:
        return MemoryShelf(images, tuple)
