"""Rules of engagement: what guests may look at and do, as the partner wrote it."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from rangectl.model.base import Model, Name

Action = Literal[
    "read_logs",
    "passive_capture",
    "list_processes",
    "hash_file",
    "copy_sample_to_kit",
    "memory_dump",
    "kill_process",
    "remove_file",
    "disable_account",
    "block_egress",
    "restart_service",
    "reboot_host",
    "rebuild_host",
    "push_config",
    "active_scan",
    "contact_adversary_infra",
    "install_agent",
    "change_fw_inline",
    "export_personal_data",
    "public_upload",
]
_PATH = re.compile(r"/[A-Za-z0-9_./-]*(/\*\*)?")


def _path(text: str) -> str:
    if len(text) > 200 or not _PATH.fullmatch(text) or ".." in text:
        message = f"not an absolute path: {text[:40]!r} (write /srv/cables/**)"
        raise ValueError(message)
    return text


Actions = Annotated[tuple[Action, ...], Field(max_length=30)]


class Scope(Model):
    """Where the guests may look: these segments, without these hosts and paths."""

    segments: Annotated[tuple[Name, ...], Field(min_length=1, max_length=64)]
    exclude_hosts: Annotated[tuple[Name, ...], Field(max_length=100)] = ()
    exclude_paths: Annotated[
        tuple[Annotated[str, AfterValidator(_path)], ...], Field(max_length=100)
    ] = ()


class Roe(Model):
    """What is in scope; what needs no asking (`pre_approved`), what is agreed in kind and asked for
    each time (`pre_coordinated`), and what nobody does. `notes` are the partner's own words.
    """

    scope: Scope
    pre_approved: Actions = ("read_logs", "list_processes", "hash_file")
    pre_coordinated: Actions = ()
    prohibited: Actions = ("contact_adversary_infra",)
    notes: Annotated[tuple[Annotated[str, Field(max_length=500)], ...], Field(max_length=20)] = ()
