"""The rules of engagement as the guests read them, and as their programs do."""

from __future__ import annotations

from collections.abc import Iterator

from rangectl.model.roe import Roe


def told(roe: Roe | None) -> str:
    """Return the rules in words, as a part of the briefing; nothing where there are none."""
    return "" if roe is None else "\n".join(_lines(roe)) + "\n"


def facts(roe: Roe | None) -> dict[str, list[str]]:
    """Return the rules as plain data for the register; empty where there are none."""
    if roe is None:
        return {}
    return {
        "segments": list(roe.scope.segments),
        "exclude_hosts": list(roe.scope.exclude_hosts),
        "exclude_paths": list(roe.scope.exclude_paths),
        "pre_approved": list(roe.pre_approved),
        "pre_coordinated": list(roe.pre_coordinated),
        "prohibited": list(roe.prohibited),
    }


def _lines(roe: Roe) -> Iterator[str]:
    yield "## Rules of engagement\n"
    yield f"* In scope: {', '.join(roe.scope.segments)}."
    left_out = (*roe.scope.exclude_hosts, *(f"`{path}`" for path in roe.scope.exclude_paths))
    if left_out:
        yield f"* Out of scope, whatever else is said: {', '.join(left_out)}."
    yield f"* Without asking: {_words(roe.pre_approved)}."
    if roe.pre_coordinated:
        yield f"* When the partner has approved it: {_words(roe.pre_coordinated)}."
    if roe.prohibited:
        yield f"* Never: {_words(roe.prohibited)}."
    yield from (f"* {note}" for note in roe.notes)
    yield "* What breaks these rules costs points. Messages that reach you lie in"
    yield "  `/srv/briefing/messages`."


def _words(actions: tuple[str, ...]) -> str:
    return ", ".join(action.replace("_", " ") for action in actions)
