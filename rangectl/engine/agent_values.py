"""Values of the core as the node agent's JSON, and back."""

from __future__ import annotations

import base64
import dataclasses
import types
import typing
from collections.abc import Container, Mapping
from functools import cache
from typing import Any

from rangectl.plan.fabric import Fabric, Machine
from rangectl.plan.probing import Edit, Query
from rangectl.plan.spec import Pack, RangeId

Json = dict[str, Any]
T = typing.TypeVar("T")


def fabric_message(fabric: Fabric, lacking: Container[str] = ()) -> Json:
    """Say what is to be wired, of a host's spec only what wiring needs; of what its people leave
    there only the digest, unless the agent is lacking that.
    """
    return {
        "range": range_message(fabric.range),
        "switch": fabric.switch,
        "bridges": list(fabric.bridges),
        "machines": [_machine(machine, lacking) for machine in fabric.machines],
    }


def range_message(range_id: RangeId) -> Json:
    """Name a range."""
    return {"name": range_id.name, "team": range_id.team}


def _machine(machine: Machine, lacking: Container[str]) -> Json:
    spec = machine.spec
    nics = [
        {"name": nic.name, "segment": nic.segment, "address": str(nic.address), "mac": nic.mac}
        for nic in spec.nics
    ]
    return {
        "container": machine.container,
        "files": [fields(file) for file in machine.files],
        "kept": machine.kept,
        "pack": None if machine.pack is None else _pack(machine.pack, lacking),
        "spec": {
            "name": spec.name,
            "kind": spec.kind,
            "init": spec.init,
            "nics": nics,
            "gateway": None if spec.gateway is None else str(spec.gateway),
            "dns": [str(address) for address in spec.dns],
        },
    }


def _pack(pack: Pack, lacking: Container[str]) -> Json:
    data = {"data": _plain(pack.make())} if pack.digest in lacking else {}
    return {"digest": pack.digest, **data}


def tagged(value: Query | Edit) -> Json:
    """Write a query or an edit, named by its type."""
    return {"kind": type(value).__name__, **fields(value)}


def fields(value: Any) -> Json:  # noqa: ANN401 - any of the dataclasses
    """Write the fields of a value, by name."""
    names = (field.name for field in dataclasses.fields(value))
    return {name: _plain(getattr(value, name)) for name in names}


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def read(kind: type[T], data: object) -> T:
    """Build a value of a type from JSON; what does not fit raises TypeError or KeyError."""
    return typing.cast("T", _read(kind, data))


def _read(kind: Any, data: object) -> object:  # noqa: ANN401 - a type
    origin = typing.get_origin(kind)
    if dataclasses.is_dataclass(kind):
        return _read_fields(kind, data)
    if origin is tuple:
        return _read_tuple(typing.get_args(kind), data)
    if origin in {types.UnionType, typing.Union}:
        inner = next(one for one in typing.get_args(kind) if one is not types.NoneType)
        return None if data is None else _read(inner, data)
    if kind is bytes:
        return base64.b64decode(typing.cast("str", data))
    if kind is float and isinstance(data, int):
        return float(data)
    if not isinstance(data, kind):
        message = f"{kind.__name__} expected, not {data!r:.80}"
        raise TypeError(message)
    return data


@cache
def _hints(kind: Any) -> Mapping[str, Any]:  # noqa: ANN401 - a type
    return typing.get_type_hints(kind)


def _read_fields(kind: Any, data: object) -> object:  # noqa: ANN401 - a type
    if not isinstance(data, Mapping):
        message = f"{kind.__name__} expected, not {data!r:.80}"
        raise TypeError(message)
    hints = _hints(kind)
    return kind(**{name: _read(hints[name], value) for name, value in data.items()})


def _read_tuple(kinds: tuple[Any, ...], data: object) -> object:
    if not isinstance(data, list):
        message = f"a list expected, not {data!r:.80}"
        raise TypeError(message)
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(_read(kinds[0], one) for one in data)
    return tuple(_read(kind, one) for kind, one in zip(kinds, data, strict=True))
