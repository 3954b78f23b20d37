"""A command that was not called as it is meant to be: what is wrong, and what to write instead."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Any

import typer

from rangectl.errors import UsageError

_LONGEST_WORD = 60
_NO_COMMAND = re.compile(r"No such command '(.*?)'\.(?: Did you mean (.*)\?)?", re.DOTALL)
_NO_OPTION = re.compile(r"No such option: (\S+).*", re.DOTALL)
_PLAINLY = (
    (re.compile(r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)", re.DOTALL), "too much: {}"),
    (re.compile(r"Option '(.*)' requires an argument\."), "{} needs a value behind it"),
)


def told(error: typer.TyperException) -> tuple[str, str | None]:
    """Return what is said of a wrong call, and the hint; a call without a word gets the help."""
    if error.message.startswith("Usage: "):
        return error.message, None
    context: typer.Context | None = getattr(error, "ctx", None)
    message, hint = _told(error, context.command_path if context else "rangectl")
    return f"rangectl: {message}", hint or (_usage(context) if context else None)


def _told(error: typer.TyperException, command: str) -> tuple[str, str | None]:
    if isinstance(error, typer.BadParameter):
        return _parameter(error, command)
    if match := _NO_COMMAND.fullmatch(error.message):
        word = match[1][:_LONGEST_WORD]
        return f"there is no command {word!r}", _commands(command, word, match[2])
    if match := _NO_OPTION.fullmatch(error.message):
        known = sorted(getattr(error, "possibilities", None) or ())
        near = difflib.get_close_matches(match[1], known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"see: {command} --help"
        return f"there is no option {match[1]}", hint
    for pattern, words in _PLAINLY:
        if match := pattern.fullmatch(error.message):
            return words.format(match[1][:_LONGEST_WORD]), None
    return error.message.rstrip("."), None


def _commands(command: str, word: str, near: str | None) -> str | None:
    if word in ("help", "version"):
        return f"rangectl --{word}"
    if near:
        return f"did you mean {near.replace(', ', ' or ')}?"
    return (_for_a_file(word) if command == "rangectl" else None) or f"{command} --help lists them"


def _for_a_file(word: str) -> str | None:
    """Say what may be done with a file, where somebody named one and not what is to be done."""
    from rangectl.wiring import reading

    try:
        kind = reading.kind_of(word)
    except UsageError:
        if not word.endswith((".yaml", ".yml")):
            return None
        kind = "topology"
    check = f"rangectl validate {word} checks it"
    match kind:
        case "topology":
            return f"{check}, rangectl up {word} brings it up"
        case "exercise":
            return f"{check}, rangectl exercise start {word} --teams alder,birch runs it"
        case "traffic":
            return check


def _parameter(error: typer.BadParameter, command: str) -> tuple[str, str | None]:
    parameter: Any = error.param
    name = "a value" if parameter is None else _name(parameter)
    if error.message:
        return f"{name}: {_wrong(error)}", f"see: {command} --help"
    help_ = str(getattr(parameter, "help", None) or "").rstrip(".")
    return f"{name} is missing" + (f": {help_}" if help_ else ""), None


def _wrong(error: typer.BadParameter) -> str:
    """Say in plain words what pydantic, which reads values for typer, found wrong with one."""
    from pydantic import ValidationError

    from rangectl.model.words import told as in_words

    cause = error.__cause__
    wrong = next(in_words(cause)) if isinstance(cause, ValidationError) else error.message
    return wrong.rstrip(".")


def _usage(context: typer.Context) -> str:
    """Return how the command is called at the least."""
    words = " ".join([context.command_path, *_needed(context)])
    return f"{words}; see: {context.command_path} --help"


def _needed(context: typer.Context) -> Iterator[str]:
    parameters: list[Any] = context.command.params
    for one in parameters:
        if one.required and one.param_type_name == "argument":
            yield _name(one)
    for one in parameters:
        if one.required and one.param_type_name == "option":
            yield f"{_name(one)} {one.metavar or 'VALUE'}"


def _name(parameter: Any) -> str:  # noqa: ANN401 - typer's parameters have no public type
    if parameter.param_type_name == "option":
        return str(parameter.opts[0])
    return str(parameter.metavar or parameter.human_readable_name)
