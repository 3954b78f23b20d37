"""Text from a range in one form."""

from __future__ import annotations

import pytest

from rangectl.model.plain import plain_path, plain_text, tidy_path


@pytest.mark.parametrize(
    ("path", "plain"),
    [
        ("/etc/passwd", "/etc/passwd"),
        ("//etc///passwd/", "/etc/passwd"),
        ("/etc/../../../etc/./passwd", "/etc/passwd"),
        ("/", "/"),
        ("etc/passwd", ""),
        ("/etc/\0", ""),
        ("/\uff45tc/\ufb01le", "/etc/file"),
    ],
)
def test_a_path_has_one_form(path: str, plain: str) -> None:
    assert plain_path(path) == plain


def test_a_path_to_ask_for_keeps_its_letters() -> None:
    assert tidy_path("/srv/./ﬁle") == "/srv/ﬁle"


def test_text_has_one_form() -> None:
    assert plain_text(" a\t b\u00a0\u2003\uff43\n") == "a b c"


def test_text_is_bounded_however_much_it_grows() -> None:
    assert len(plain_text("\ufdfa" * 10**6)) <= 4096
