"""The conventions of the house, held by walking all of it."""

from __future__ import annotations

import ast
import os
import platform
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from rangectl import errors

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "rangectl").rglob("*.py"))
SOURCES = [*MODULES, *sorted((ROOT / "tests").rglob("*.py"))]
SCRIPTS = sorted(one for one in [*(ROOT / "script").iterdir(), ROOT / ".ci/run"] if one.is_file())
SHELLCHECK = Path(sys.executable).with_name("shellcheck")
SHIPPED = sorted(
    one for kind in ("topologies", "exercises") for one in (ROOT / kind).glob("*.yaml")
)
DECISIONS = sorted((ROOT / "docs/decisions").glob("*.md"))

FILE_LINES = 500
FUNCTION_LINES = 60
FIXED_CODES = {0, 1, 2, 130}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def text(path: str) -> str:
    return (ROOT / path).read_text()


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 - ours


def bash_scripts() -> list[Path]:
    return [one for one in SCRIPTS if one.read_text().startswith("#!/usr/bin/env bash")]


def hosts_scripts() -> list[Path]:
    """Return the shell scripts that run on hosts, or while their images are made."""
    files = sorted(one for one in ROOT.glob("roles/*/files/*") if one.is_file())
    ours = [one for one in files if one.read_bytes().startswith((b"#!/bin/sh", b"#!/bin/bash"))]
    return [*ours, ROOT / "rangectl/provision/scrub.sh"]


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def first_line(module: Path) -> str:
    return (ast.get_docstring(ast.parse(module.read_text())) or "").partition("\n")[0]


def kinds_of(error: type[errors.RangeError]) -> Iterator[type[errors.RangeError]]:
    yield error
    for kind in error.__subclasses__():
        yield from kinds_of(kind)


def documented_codes() -> set[int]:
    table = text("README.md").partition("## Exit codes")[2].partition("\n## ")[0]
    return {int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)}


def test_every_module_says_in_its_first_line_what_it_is_about() -> None:
    silent = [name(one) for one in MODULES if len(first_line(one)) < len("It is short.")]
    assert silent == []


def test_files_stay_short() -> None:
    lengths = {name(one): len(one.read_text().splitlines()) for one in SOURCES}
    assert {who: lines for who, lines in lengths.items() if lines > FILE_LINES} == {}


def test_functions_stay_short() -> None:
    lengths = {
        f"{name(source)}: {one.name}": (one.end_lineno or 0) - one.lineno + 1
        for source in SOURCES
        for one in functions(source)
    }
    assert {who: lines for who, lines in lengths.items() if lines > FUNCTION_LINES} == {}


def test_kinds_of_error_do_not_share_an_exit_code() -> None:
    kinds = {kind for kind in kinds_of(errors.RangeError) if "exit_code" in vars(kind)}
    codes = [kind.exit_code for kind in kinds]
    assert sorted(codes) == sorted(set(codes))


def test_the_readme_documents_every_exit_code_and_no_other() -> None:
    raised = {kind.exit_code for kind in kinds_of(errors.RangeError)}
    assert documented_codes() == FIXED_CODES | raised


@pytest.mark.parametrize("file", SHIPPED, ids=name)
def test_what_is_shipped_is_named_in_the_documentation(file: Path) -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    assert any(name(file) in page.read_text() for page in pages)


def test_the_lock_names_no_host_but_the_one_that_cannot_exist() -> None:
    hosts = set(re.findall(r"https?://([^/\"]+)", text("uv.lock")))
    assert hosts == {"packages.example"}


def test_the_lock_has_a_hash_for_every_file() -> None:
    files = [line for line in text("uv.lock").splitlines() if "url = " in line]
    assert files
    assert [line for line in files if 'hash = "sha256:' not in line] == []


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "Makefile", "Vagrantfile"])
def test_every_script_that_a_page_names_exists(page: str) -> None:
    named = set(re.findall(r"(?<![\w.])(script/[a-z][a-z-]*)", text(page)))
    assert {one for one in named if not (ROOT / one).is_file()} == set()


def test_every_direct_dependency_has_its_reason() -> None:
    project = text("pyproject.toml")
    groups = re.findall(r"^(?:dependencies|dev) = \[(.*?)^\]", project, re.MULTILINE | re.DOTALL)
    wanted = re.findall(r'^ +"([a-z0-9-]+)', "\n".join(groups), re.MULTILINE)
    page = text("docs/decisions/0001-dependencies.md")
    assert wanted
    assert [one for one in wanted if f"`{one}`" not in page] == []


@pytest.mark.parametrize("decision", DECISIONS, ids=name)
def test_a_decision_is_numbered_and_short(decision: Path) -> None:
    assert re.match(r"\d{4}-", decision.name)
    assert len(decision.read_text().splitlines()) <= 60


@pytest.mark.parametrize("script", SCRIPTS, ids=name)
def test_a_script_can_be_run(script: Path) -> None:
    assert os.access(script, os.X_OK)
    assert script.read_text().startswith("#!/usr/bin/env ")


@pytest.mark.parametrize("script", bash_scripts(), ids=name)
def test_bash_can_read_the_script(script: Path) -> None:
    said = run("bash", "-n", script)
    assert said.stderr == ""


@pytest.mark.skipif(
    platform.machine() != "x86_64", reason="uv.lock brings shellcheck to x86_64 machines only"
)
@pytest.mark.parametrize("script", [*bash_scripts(), *hosts_scripts()], ids=name)
def test_shellcheck_has_nothing_to_say(script: Path) -> None:
    """An admin's script on a host may be as plain as admins write them, but not wrong."""
    severity = "warning" if script in hosts_scripts() else "style"
    shell = [] if script.read_text().startswith("#!") else ["--shell=sh"]
    said = run(SHELLCHECK, f"--severity={severity}", *shell, script)
    assert (said.stdout, said.returncode) == ("", 0)


def test_every_python_script_is_linted_and_type_checked() -> None:
    tools = tomllib.loads(text("pyproject.toml"))["tool"]
    scripts = {name(one) for one in SCRIPTS if "python" in one.read_text().partition("\n")[0]}
    assert scripts == set(tools["ruff"]["extend-include"])
    assert scripts <= set(tools["mypy"]["files"])


def test_setup_refuses_a_word_it_does_not_know() -> None:
    said = run(ROOT / "script/setup", "--perhaps")
    assert said.returncode == 2
    assert "usage: script/setup [--yes]" in said.stderr
