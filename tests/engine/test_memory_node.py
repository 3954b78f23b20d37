"""The node in memory keeps the promises of the real one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rangectl.engine.memory import MemoryClock, MemoryEngine
from rangectl.engine.memory_node import MemoryNode
from rangectl.plan.fabric import Fabric, Wired
from tests.engine.node_contract import NodeContract
from tests.engine.ranges import containers


@pytest.fixture(scope="module")
def engine() -> MemoryEngine:
    return MemoryEngine()


@pytest.fixture(scope="module")
def node(engine: MemoryEngine) -> MemoryNode:
    return MemoryNode(engine, MemoryClock())


@pytest.fixture(scope="module")
def fabric(engine: MemoryEngine) -> Iterator[Fabric]:
    with containers(engine, "image") as fabric:
        yield fabric


@pytest.fixture(scope="module")
def first(node: MemoryNode, fabric: Fabric) -> Wired:
    return node.wire(fabric)


class TestMemoryNode(NodeContract):
    pass
