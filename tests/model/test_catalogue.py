import pytest
import yaml

from rangectl.errors import InvalidFileError
from rangectl.model import catalogue
from rangectl.model.catalogue import Entry
from tests.implants.samples import ENTRIES, HERE

GOOD = (HERE / "catalogue" / "cron.dropin.yaml").read_text()


def changed(**values: object) -> str:
    return yaml.safe_dump(yaml.safe_load(GOOD) | values)


def problems(*texts: str) -> tuple[str, ...]:
    with pytest.raises(InvalidFileError) as caught:
        catalogue.load({f"{n}.yaml": text for n, text in enumerate(texts)})
    return caught.value.problems


def test_the_shipped_entries_have_numbers_of_their_own() -> None:
    numbers = [entry.number for entry in ENTRIES.values()]
    assert len(set(numbers)) == len(numbers)
    assert set(numbers) <= set(range(1, 56))


def test_weights_follow_difficulty() -> None:
    entry = ENTRIES["cron.dropin"]
    weights = [entry.model_copy(update={"difficulty": n}).weight for n in range(1, 6)]
    assert weights == [1, 2, 3, 5, 8]


def test_every_required_component_of_a_beacon_is_named() -> None:
    required = {part.id for part in ENTRIES["c2.http"].components if part.required}
    assert required == {"process", "traffic"}


@pytest.mark.parametrize("key", ["command", "run", "content", "code", "script", "exec"])
def test_an_entry_has_no_place_for_a_command(key: str) -> None:
    assert problems(changed(**{key: "/bin/true"})) == (f"0.yaml: {key}: unknown key",)


@pytest.mark.parametrize("text", ["$(id)", "a; b", "`id`", "a | b", "a && b", "a > b", "a\nb"])
def test_prose_cannot_hold_shell(text: str) -> None:
    assert problems(changed(removal=text))[0].startswith("0.yaml: removal:")


def test_all_problems_of_all_files_come_at_once() -> None:
    found = problems(changed(difficulty=9, number=0), "{", GOOD, changed(started_by=["no.such"]))
    assert [one.split(":")[0] for one in found] == [
        *("0.yaml", "0.yaml", "1.yaml", "3.yaml", "3.yaml", "catalogue"),
    ]


def test_a_technique_must_be_a_number_of_attack() -> None:
    text = changed(attack={"id": "cron", "version": "18.1", "tactic": "persistence"})
    assert "not an ATT&CK technique" in problems(text)[0]


def test_an_entry_without_a_required_component_cannot_be_ejected() -> None:
    text = changed(components=[{"id": "a", "kind": "script", "required": False}])
    assert "exactly if the entry is not report_only" in problems(text)[0]


def test_entries_do_not_change() -> None:
    entry: Entry = ENTRIES["cron.user"]
    with pytest.raises(ValueError, match="frozen"):
        entry.difficulty = 5  # type: ignore[misc]
