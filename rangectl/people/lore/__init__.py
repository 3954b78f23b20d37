"""What each trade talks and writes about: places, matters, documents, tables."""

from __future__ import annotations

from collections.abc import Mapping

from rangectl.model.people import Trade
from rangectl.people.lore import common, election, energy, hospital, ministry, office, port, telecom
from rangectl.people.lore.books import BOOKS
from rangectl.people.lore.shape import Lore, Matter, Page, Paper

__all__ = ["BOOKS", "COMMON", "LORE", "Lore", "Matter", "Page", "Paper"]

COMMON: Lore = common.LORE
LORE: Mapping[Trade, Lore] = {
    "election": election.LORE,
    "energy": energy.LORE,
    "hospital": hospital.LORE,
    "ministry": ministry.LORE,
    "office": office.LORE,
    "port": port.LORE,
    "telecom": telecom.LORE,
}
