"""The texts of small site files; every kind has as much in common with its like on other hosts."""

from __future__ import annotations

from collections.abc import Sequence


def script(name: str, purpose: str, owner: str, day: str, values: tuple[str, int, str]) -> str:
    """Return a shell script that tests for a folder and ends."""
    area, keep, label = values
    return f"""\
#!/bin/sh
{_head(name, purpose, owner, day)}set -eu
umask 027
AREA={area}
KEEP={keep}
LABEL={label}
case "${{1:-}}" in
  "" | --quiet | --batch | --once | --all | --local | --short) ;;
  *) exit 2 ;;
esac
# Nothing is left to do where the area is not there.
test -d "$AREA" || exit 0
test "$KEEP" -gt 1 || exit 0
test -n "$LABEL" || exit 0
exit 0
"""


def settings(
    name: str, purpose: str, owner: str, day: str, values: Sequence[tuple[str, str]]
) -> str:
    """Return a file of settings."""
    lines = "".join(f"{key}={value}\n" for key, value in values)
    return f"""\
{_head(name, purpose, owner, day)}# Settings are read when a job starts.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
MAILTO=""
{lines}"""


def table(
    name: str, purpose: str, owner: str, day: str, rows: Sequence[tuple[str, str, int]]
) -> str:
    """Return a file of data."""
    lines = "".join(f"{day};{noun};{verb};{count}\n" for noun, verb, count in rows)
    return f"{_head(name, purpose, owner, day)}# day;area;step;count\n{lines}"


def _head(name: str, purpose: str, owner: str, day: str) -> str:
    return f"""\
# {name}: {purpose}
# Owner: {owner}. Last change: {day}.
#
# This file is kept by hand. Tell the owner before you change it.
#
"""
