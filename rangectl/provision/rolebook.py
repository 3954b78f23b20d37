"""The roles there are, read from their folders."""

from __future__ import annotations

from pathlib import Path

import yaml

import rangectl
from rangectl.errors import RangeError
from rangectl.plan.images import RoleFile, RoleFiles
from rangectl.plan.spec import RoleSpec


def installed() -> Path:
    """Return the folder of the roles that come with the program."""
    package = Path(rangectl.__file__).parent
    packed = package / "_data" / "roles"
    return packed if packed.is_dir() else package.parent / "roles"


class Rolebook:
    """Roles by name; of two with one name, that in the earlier folder is taken."""

    def __init__(self, *roots: Path) -> None:
        self.roots = roots or (installed(),)

    def known(self) -> tuple[str, ...]:
        """Return the names of all roles."""
        found = {
            main.parents[1].name for root in self.roots for main in root.glob("*/tasks/main.yml")
        }
        return tuple(sorted(found))

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
        files = {
            str(path.relative_to(folder)): RoleFile(path.read_bytes(), _is_program(path))
            for path in sorted(folder.rglob("*"))
            if path.is_file() and "__pycache__" not in path.parts
        }
        _check_variables(role, files)
        return files


def _is_program(path: Path) -> bool:
    return bool(path.stat().st_mode & 0o100)


def _check_variables(role: RoleSpec, files: RoleFiles) -> None:
    """Refuse a variable that the role's argument_specs do not name."""
    spec = files.get("meta/argument_specs.yml")
    if spec is None:
        return
    main = (yaml.safe_load(spec.content) or {}).get("argument_specs", {}).get("main", {})
    known = sorted(main.get("options") or {})
    strange = [name for name, _ in role.vars if name not in known]
    if strange:
        message = f'role "{role.name}" has no variable "{strange[0]}"'
        raise RangeError(message, hint=f"it has: {', '.join(known) or 'none'}")
