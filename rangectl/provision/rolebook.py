"""The roles there are, read from their folders."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from rangectl.errors import RangeError
from rangectl.model.roles import Argument, Roles
from rangectl.plan.images import RoleFile, RoleFiles
from rangectl.plan.spec import RoleSpec


class Rolebook:
    """Roles by name; of two with one name, that in the earlier folder is taken."""

    def __init__(self, *roots: Path) -> None:
        self.roots = roots

    def known(self) -> Roles:
        """Return all roles with their variables, sorted; RangeError where these cannot be read."""
        found = {
            main.parents[1].name: main.parents[1]
            for root in reversed(self.roots)
            for main in root.glob("*/tasks/main.yml")
        }
        return {name: _arguments(found[name]) for name in sorted(found)}

    def folder(self, name: str) -> Path:
        """Return the folder of a role; a RangeError lists the known ones."""
        for root in self.roots:
            if (root / name / "tasks" / "main.yml").is_file():
                return root / name
        looked = ", ".join(str(root) for root in self.roots)
        message = f'unknown role "{name}" (looked in {looked})'
        raise RangeError(message, hint=f"known: {', '.join(self.known()) or 'none'}")

    def read(self, role: RoleSpec) -> RoleFiles:
        """Read all files of a role, having checked that it takes the variables it is given."""
        folder = self.folder(role.name)
        known = _arguments(folder)
        # Ansible's own (`ansible_connection: local`, say) would move the role out of its builder.
        strange = [
            name
            for name, _ in role.vars
            if name.startswith("ansible_") or (known is not None and name not in known)
        ]
        if strange:
            message = f'role "{role.name}" has no variable "{strange[0]}"'
            raise RangeError(message, hint=f"it has: {', '.join(known or ()) or 'none'}")
        return self.files(role.name)

    def files(self, name: str) -> RoleFiles:
        """Read all files of a role."""
        folder = self.folder(name)
        return {
            str(path.relative_to(folder)): RoleFile(path.read_bytes(), _is_program(path))
            for path in sorted(folder.rglob("*"))
            if path.is_file() and "__pycache__" not in path.parts
        }


def _is_program(path: Path) -> bool:
    return bool(path.stat().st_mode & 0o100)


def _arguments(folder: Path) -> dict[str, Argument] | None:
    """Read what `meta/argument_specs.yml` says of a role's entry point."""
    path = folder / "meta" / "argument_specs.yml"
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return None
    return dict(_parsed(path, text))


@lru_cache(maxsize=512)
def _parsed(path: Path, text: bytes) -> dict[str, Argument]:
    """Read argument specs; the same text is asked for once for each host that has the role."""
    try:
        options = yaml.load(text, yaml.CSafeLoader)["argument_specs"]["main"]["options"] or {}
        return {name: _argument(option or {}) for name, option in options.items()}
    except (KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
        message = f"{path}: not the argument specs of a role"
        hint = "write argument_specs: {main: {options: {NAME: {type: str}}}}"
        raise RangeError(message, hint=hint) from error


def _argument(option: dict[str, Any]) -> Argument:
    return Argument(
        type=str(option.get("type", "str")),
        choices=tuple(str(one) for one in option.get("choices") or ()),
        required=bool(option.get("required", False)),
    )
