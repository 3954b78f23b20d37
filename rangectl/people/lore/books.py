"""What small applications list that have no database: a line each, by what they call their records."""

from __future__ import annotations

from collections.abc import Mapping

BOOKS: Mapping[str, tuple[str, ...]] = {
    "alarms": (
        "{place}: earth fault, cleared by itself",
        "{place}: breaker {n} open, acknowledged",
        "{place}: temperature of transformer {n} high",
        "{place}: link to the control room back after {m} s",
        "Battery of {place} below {m} V, technician told",
        "Door of {place} open",
    ),
    "declarations": (
        "Export {k} for {firm}, papers whole",
        "Import {k} for {firm}, weight asked again",
        "Transit {k}, released",
        "Import {k}, inspection on {day}",
        "Manifest of {firm}, {n} lines corrected",
    ),
    "notices": (
        "Maintenance at {place} on {day}",
        "Reading of meters begins on {date}",
        "New hours of the service desk from {date}",
        "Interruption at {place}, over since {past}",
        "Answer to question {k}, sent",
        "Form {k} received",
    ),
    "recordings": (
        "{place}, {past}, kept for security, case {k}",
        "{place}, {m} minutes, no motion",
        "{place}: picture lost for {n} minutes",
        "{place}, {past}, asked for by {boss}, handed over",
        "Disk {n} at {m} per cent, oldest days removed",
    ),
    "slots": (
        "Train {k} to the ramp, {n} wagons, {day}",
        "Train {k}, {m} minutes late, slot kept",
        "Slot of {day} given back by {firm}",
        "Train {k} leaves with {n} empty wagons",
        "Shunting at {place}, {day}",
    ),
    "updates": (
        "Main archive read, {n} packages new",
        "Security archive read, nothing new",
        "Package of {firm} checked by hand, taken",
        "Updates for {place} laid out for {day}",
        "Index signed, {k} files",
        "Disk of the mirror at {m} per cent",
    ),
}
"""Texts as lore has them."""
