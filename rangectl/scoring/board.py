"""The board of a run: folded from its events, told as a table, as sentences and as plain data."""

from __future__ import annotations

from rangectl.scoring.fold import Board, ImplantLine, TeamBoard, board
from rangectl.scoring.telling import as_dict, as_text, explain

__all__ = ["Board", "ImplantLine", "TeamBoard", "as_dict", "as_text", "board", "explain"]
