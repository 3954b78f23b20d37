"""What each trade's organisation looks like: departments, titles, and how many work in each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rangectl.model.people import Trade


@dataclass(frozen=True, slots=True)
class Department:
    """A part of the organisation; the first title is that of its head."""

    key: str
    name: str
    weight: int
    titles: tuple[str, ...]


IT = Department(
    "it",
    "Information technology",
    3,
    ("Head of IT", "System administrator", "Network administrator", "Help desk technician"),
)
_HR = Department("hr", "Human resources", 1, ("Head of personnel", "Personnel officer"))
_FINANCE = Department(
    "finance", "Finance", 2, ("Head of finance", "Accountant", "Accounts clerk", "Buyer")
)
_LEAD = Department(
    "direction", "Direction", 1, ("Director", "Assistant to the director", "Legal adviser")
)

TRADES: Mapping[Trade, tuple[Department, ...]] = {
    "office": (
        _LEAD,
        Department("sales", "Sales", 3, ("Head of sales", "Account manager", "Sales clerk")),
        Department(
            "production", "Production", 4, ("Plant manager", "Shift leader", "Planner", "Fitter")
        ),
        _FINANCE,
        _HR,
        IT,
    ),
    "energy": (
        _LEAD,
        Department(
            "dispatch", "Grid control", 5, ("Head of grid control", "Dispatcher", "Shift engineer")
        ),
        Department(
            "field",
            "Substations and lines",
            4,
            ("Head of field service", "Protection engineer", "Line technician", "Relay technician"),
        ),
        Department(
            "metering", "Metering", 3, ("Head of metering", "Metering analyst", "Meter technician")
        ),
        Department("customers", "Customer service", 3, ("Team leader", "Customer adviser")),
        _FINANCE,
        _HR,
        IT,
    ),
    "ministry": (
        Department(
            "cabinet", "Minister's office", 2, ("Chief of cabinet", "Private secretary", "Speaker")
        ),
        Department(
            "political",
            "Political affairs",
            4,
            ("Director for political affairs", "Desk officer", "Policy adviser"),
        ),
        Department(
            "consular", "Consular service", 4, ("Head of consular service", "Consular officer")
        ),
        Department("missions", "Missions", 3, ("Head of mission", "Attache", "Mission secretary")),
        Department("protocol", "Protocol", 2, ("Chief of protocol", "Protocol officer")),
        Department("records", "Records office", 2, ("Head of records", "Archivist")),
        _FINANCE,
        _HR,
        IT,
    ),
    "election": (
        Department(
            "secretariat", "Secretariat", 2, ("Secretary general", "Legal counsel", "Clerk")
        ),
        Department(
            "tally", "Tally and audit", 4, ("Head of tally", "Audit officer", "Data entry clerk")
        ),
        Department(
            "register", "Voter register", 3, ("Head of the register", "Register officer", "Clerk")
        ),
        Department(
            "districts", "District offices", 4, ("Districts coordinator", "District officer")
        ),
        Department("press", "Press and voter information", 2, ("Press officer", "Web editor")),
        Department("logistics", "Logistics", 2, ("Head of logistics", "Warehouse clerk")),
        _FINANCE,
        _HR,
        IT,
    ),
    "port": (
        Department(
            "harbour", "Harbour master", 3, ("Harbour master", "Deputy harbour master", "Pilot")
        ),
        Department(
            "terminal",
            "Terminal operations",
            5,
            ("Terminal manager", "Yard planner", "Vessel planner", "Shift foreman"),
        ),
        Department("gate", "Gate and security", 3, ("Head of security", "Gate clerk")),
        Department("customs", "Customs liaison", 2, ("Customs liaison officer", "Declarant")),
        Department("commercial", "Commercial", 2, ("Commercial manager", "Line agent")),
        _FINANCE,
        _HR,
        IT,
    ),
    "telecom": (
        _LEAD,
        Department("noc", "Network operations", 5, ("Head of NOC", "NOC engineer", "NOC operator")),
        Department(
            "core", "Core network", 3, ("Head of core network", "Core engineer", "Peering engineer")
        ),
        Department("field", "Access and field", 3, ("Head of access", "Field engineer")),
        Department("billing", "Billing", 3, ("Head of billing", "Billing analyst")),
        Department("lawful", "Lawful requests", 1, ("Lawful requests officer", "Case clerk")),
        Department("customers", "Customer care", 3, ("Team leader", "Customer adviser")),
        _FINANCE,
        _HR,
        IT,
    ),
    "hospital": (
        _LEAD,
        Department(
            "wards", "Wards", 6, ("Head of nursing", "Ward nurse", "Senior physician", "Physician")
        ),
        Department("radiology", "Radiology", 3, ("Head of radiology", "Radiographer")),
        Department("laboratory", "Laboratory", 3, ("Head of laboratory", "Laboratory technician")),
        Department("pharmacy", "Pharmacy", 1, ("Chief pharmacist", "Pharmacist")),
        Department("admissions", "Admissions", 3, ("Head of admissions", "Admissions clerk")),
        Department("medtech", "Medical technology", 2, ("Head of medical technology", "Engineer")),
        _FINANCE,
        _HR,
        IT,
    ),
}
