"""The examples for CI servers are what they claim to be, and name what there is."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from rangectl.cli.main import app

ROOT = Path(__file__).parent.parent
GITHUB, GITLAB = ROOT / "docs/ci/github-actions.yml", ROOT / "docs/ci/gitlab-ci.yml"
PAGES = (ROOT / "docs/ci.md", ROOT / "docs/images.md")
SINCE = {
    "actions/checkout": 5,
    "actions/cache/restore": 5,
    "actions/cache/save": 5,
    "actions/upload-artifact": 6,
}
"""The first version of each action that runs on Node 24: runners no longer have an older one."""
COMMAND = re.compile(r"(?:\.venv/bin/)?rangectl ([a-z][^\n#;|&]*)")


def github() -> dict[str, Any]:
    """Return the workflow; YAML 1.1 reads its `on` as true."""
    read: dict[str, Any] = yaml.safe_load(GITHUB.read_text())
    return read


def steps() -> list[dict[str, Any]]:
    (job,) = github()["jobs"].values()
    found: list[dict[str, Any]] = job["steps"]
    return found


def gitlab() -> dict[str, Any]:
    (job,) = yaml.safe_load(GITLAB.read_text()).values()
    read: dict[str, Any] = job
    return read


def scripts() -> list[str]:
    job = gitlab()
    return [
        *(step["run"] for step in steps() if "run" in step),
        *job["before_script"],
        *job["script"],
    ]


def commands(text: str) -> Iterator[list[str]]:
    """Yield the words of every call of rangectl in a script or a page."""
    for match in COMMAND.finditer(text):
        yield shlex.split(match[1])


def shown() -> list[list[str]]:
    """Return the calls in the pages' listings."""
    texts = (page.read_text() for page in PAGES)
    lines = (line for text in texts for line in text.splitlines() if line.startswith("$ "))
    return [words for line in lines for words in commands(line)]


def options(words: list[str]) -> tuple[str, set[str]]:
    """Return the command that words name, and every option that it takes."""
    command: Any = typer.main.get_command(app)
    path: list[str] = []
    while hasattr(command, "commands"):
        path.append(words[len(path)])
        command = command.commands[path[-1]]
    return " ".join(path), {name for one in command.params for name in one.opts}


def test_the_workflow_has_what_github_asks_for() -> None:
    assert {True, "name", "permissions", "jobs"} <= set(github())
    (job,) = github()["jobs"].values()
    assert {"runs-on", "timeout-minutes", "steps"} <= set(job)
    assert all(("run" in step) != ("uses" in step) for step in steps())


def test_every_action_runs_on_the_node_that_runners_have() -> None:
    used = [step["uses"].partition("@v") for step in steps() if "uses" in step]
    assert {name for name, _, _ in used} == set(SINCE)
    assert [name for name, _, version in used if int(version) < SINCE[name]] == []


def test_what_a_step_asks_of_another_is_of_one_before_it() -> None:
    for number, step in enumerate(steps()):
        known = {one["id"] for one in steps()[:number] if "id" in one}
        assert set(re.findall(r"steps\.(\w+)\.", str(step))) <= known


def test_the_key_of_what_is_kept_is_made_of_files_that_there_are() -> None:
    (keys,) = re.findall(r"key: .*hashFiles\((.*)\)", GITHUB.read_text())
    for pattern in shlex.split(keys.replace(",", " ")):
        assert next(ROOT.glob(pattern.replace("/**", "/*")), None) is not None, pattern


def test_images_are_kept_when_the_smoke_fails_and_the_report_always() -> None:
    conditions = {step.get("name"): step.get("if", "") for step in steps()}
    assert "!cancelled()" in conditions["Bundle the images"]
    assert "!cancelled()" in conditions["Keep them for the next run"]
    assert "always()" in conditions["Report"]


def test_an_engine_without_certificates_is_asked_without_them() -> None:
    (engine,) = gitlab()["services"]
    assert engine["command"] == ["--tls=false"]
    names = ("DOCKER_TLS_CERTDIR", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH")
    assert [gitlab()["variables"][name] for name in names] == ["", "", ""]


def test_a_machine_that_is_no_debian_gets_debians_keys() -> None:
    (packages,) = re.findall(
        r"^PACKAGES=\((.*)\)$", (ROOT / "script/setup").read_text(), re.MULTILINE
    )
    assert {"mmdebstrap", "debian-archive-keyring"} <= set(packages.split())


def test_the_job_has_what_gitlab_asks_for() -> None:
    job = gitlab()
    assert {"image", "services", "variables", "script", "artifacts"} <= set(job)
    (engine,) = job["services"]
    assert job["variables"]["DOCKER_HOST"] == f"tcp://{engine['alias']}:2375"
    assert job["artifacts"]["when"] == "always"


@pytest.mark.parametrize("script", scripts())
def test_what_they_run_is_a_script(script: str) -> None:
    words = ["/bin/bash", "-n"]
    read = subprocess.run(words, input=script, text=True, capture_output=True, check=False)  # noqa: S603 - ours
    assert (read.returncode, read.stderr) == (0, "")


@pytest.mark.parametrize("script", scripts())
def test_what_they_name_is_there(script: str) -> None:
    words = re.findall(r"(?:script|topologies)/[\w.*/-]+", script)
    assert words or ".venv/bin/rangectl" in script
    assert all(list(ROOT.glob(word)) for word in words)


def test_reports_are_taken_from_where_they_are_written() -> None:
    written = [
        words[words.index("--junit") + 1]
        for s in scripts()
        for words in commands(s)
        if "--junit" in words
    ]
    assert written == ["smoke.xml", "smoke.xml"]
    assert gitlab()["artifacts"]["reports"]["junit"] == "smoke.xml"
    assert steps()[-1]["with"]["path"] == "smoke.xml"


@pytest.mark.parametrize(
    "words",
    [*(words for script in scripts() for words in commands(script)), *shown()],
    ids=" ".join,
)
def test_every_call_is_one_that_rangectl_takes(words: list[str]) -> None:
    command, known = options(words)
    assert command
    assert {word for word in words if word.startswith("--")} <= known
