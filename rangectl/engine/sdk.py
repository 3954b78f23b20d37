"""The docker SDK, loaded without what only engines reached over ssh need.

The SDK loads paramiko if it can, which takes three times as long as all the rest of it.
"""

from __future__ import annotations

import importlib
import os
import sys


def load() -> None:
    """Load the `docker` package; with its ssh transport only where DOCKER_HOST asks for it."""
    if "docker" in sys.modules or os.environ.get("DOCKER_HOST", "").startswith("ssh://"):
        return
    kept = sys.modules.get("paramiko")
    sys.modules["paramiko"] = None  # type: ignore[assignment]  # the import system's own sign
    try:
        importlib.import_module("docker")
    finally:
        del sys.modules["paramiko"]
        if kept is not None:
            sys.modules["paramiko"] = kept
