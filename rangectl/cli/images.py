"""Commands about images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from rangectl.cli import options, show
from rangectl.cli.options import AsJson, Vars

_MANY = 3


def register(app: typer.Typer) -> None:
    """Add the commands."""
    image = typer.Typer(
        name="image",
        help="Build, list, remove and carry the images of roles.",
        rich_markup_mode=None,
        no_args_is_help=True,
    )
    for command in (build, prune, save, load):
        image.command()(command)
    image.command("list")(list_images)
    app.add_typer(image)


def build(
    topologies: Annotated[
        list[str], typer.Argument(metavar="TOPOLOGY", help="Topology files, or names.")
    ],
    var: Vars = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Build every image that topologies need. Those that are there are not built again."""
    from rangectl.app.up import build_images
    from rangectl.wiring import machine, reading

    given = options.variables(var)
    wanted = [reading.topology(file, given=given) for file in topologies]
    with show.telling(as_json=as_json) as tell:
        images = build_images(wanted, machine.edges(), tell)
    if as_json:
        show.facts(images)
        return
    show.table(("ROLES", "IMAGE"), sorted(images.items()))


def list_images(*, as_json: AsJson = False) -> None:
    """List images: what each holds and takes, and who uses it.

    OWN is what an image adds to the one that it stands on.
    """
    from rangectl.app.images import listing
    from rangectl.wiring import machine, reading

    topologies, bad = reading.topologies()
    found = listing(machine.edges(), topologies)
    for name in bad:
        show.note(f"{name}: not a sound topology, so what it needs is not known")
    if as_json:
        show.facts(found)
        return
    if not found.images:
        print("there are no images")
        return
    show.table(
        ("IMAGE", "ROLES", "SIZE", "OWN", "USED BY"),
        [
            (
                _name(row.tag, row.id),
                ", ".join(row.roles) or "(base)",
                _size(row.size),
                _size(row.own),
                _users(row.used_by),
            )
            for row in found.images
        ],
    )
    print(f"{len(found.images)} images, {_size(found.on_disk)} on disk")


def prune(
    topologies: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TOPOLOGY",
            help="More topologies whose images are to stay, files or names.",
        ),
    ] = None,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be removed.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Remove images that no topology needs and no range uses.

    Topologies are those known by name, and those that are given.
    """
    from rangectl.app.images import prune as remove
    from rangectl.wiring import machine, reading

    wanted, bad = reading.topologies(topologies or ())
    for name in bad:
        show.note(f"{name}: not a sound topology: what it alone needs is not kept")
    done = remove(machine.edges(), wanted, dry_run=dry_run)
    if as_json:
        show.facts(done)
        return
    for row in done.images:
        print(f"{_name(row.tag, row.id)}: {', '.join(row.roles) or 'base'}")
    for why in done.stayed:
        print(f"stays: {why}")
    what = "would go" if dry_run else "went"
    print(f"{len(done.images)} images {what}, {_size(done.freed)}")


def save(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE", help="Exercises and topologies, or names.")
    ],
    to: Annotated[Path, typer.Option(metavar="BUNDLE", help="File to write.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Write exercises and topologies, with all they need, into a file.

    A machine that has rangectl and an engine, and no network, loads it and brings ranges up.
    """
    from rangectl.wiring import bundles

    with show.telling(as_json=as_json) as tell:
        done = bundles.save(files, to, tell)
    if as_json:
        show.facts(done)
        return
    inside = _contents(done.exercises, done.topologies, done.roles, done.images)
    print(f"{done.place}: {inside}, {_size(done.size)}")
    print(f"seal: {done.seal}")


def load(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="File that `save` wrote.")],
    to: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="New folder for its files; default: its own name."),
    ] = None,
    seal: Annotated[
        str | None, typer.Option(metavar="SEAL", help="Refuse any bundle but the one sealed so.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Load what `save` wrote, having checked all of it.

    Images go to the engine, files to a new folder; nothing is touched where anything is wrong.
    """
    from rangectl.wiring import bundles

    folder = to or Path(bundle.name.partition(".")[0] or "bundle")
    with show.telling(as_json=as_json) as tell:
        done = bundles.load(bundle, folder, seal, tell)
    if as_json:
        show.facts({**asdict(done), "folder": str(folder)})
        return
    inside = _contents(done.exercises, done.topologies, done.roles, done.images)
    print(f"{done.place}: {inside}{'' if done.loaded else '; the engine had all images'}")
    print(f"seal: {done.seal}")
    for tag in done.stale:
        show.note(f"{_name(tag, '')}: stands on another base now, and is built anew when needed")
    what = f"exercise start {done.exercises[0]}" if done.exercises else f"up {done.topologies[0]}"
    print(f"next: cd {folder} && rangectl {what}")


def _contents(*counted: Sequence[str]) -> str:
    words = (
        ("exercise", "exercises"),
        ("topology", "topologies"),
        ("role", "roles"),
        ("image", "images"),
    )
    return ", ".join(
        f"{len(names)} {pair[len(names) != 1]}"
        for names, pair in zip(counted, words, strict=True)
        if names
    )


def _name(tag: str, image: str) -> str:
    return tag.partition("/")[2] or f"(no name) {image.partition(':')[2][:12]}"


def _users(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MANY} more" if len(names) > _MANY else ""
    return (", ".join(names[:_MANY]) or "-") + more


def _size(size: int) -> str:
    return f"{size / 1e6:.0f} MB" if size < 1e10 else f"{size / 1e9:.1f} GB"
