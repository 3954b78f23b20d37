"""Text from a range in one form, so that what means the same compares equal."""

from __future__ import annotations

import posixpath
import unicodedata
from functools import lru_cache

_BOUND = 4096


@lru_cache(maxsize=2048)
def plain_text(text: str) -> str:
    """Return text in NFKC with every run of white space made one blank, cut at 4096 characters."""
    return " ".join(unicodedata.normalize("NFKC", text[:_BOUND]).split())[:_BOUND]


@lru_cache(maxsize=8192)
def plain_path(path: str) -> str:
    """Return an absolute path without `.`, `..`, doubled or closing slashes, in NFKC; "" if it is
    no such path.
    """
    if not path.startswith("/") or "\0" in path:
        return ""
    return unicodedata.normalize("NFKC", tidy_path(path))


def tidy_path(path: str) -> str:
    """Return an absolute path without `.`, `..`, doubled or closing slashes, byte for byte else."""
    return "/" + posixpath.normpath("/" + path[:_BOUND]).lstrip("/")
