"""Who works at the partner's: what a topology says of them, and all else is made from."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from rangectl.model.base import Model

Trade = Literal["office", "energy", "ministry", "election", "port", "telecom", "hospital"]
Locale = Literal[
    "cs_CZ", "da_DK", "de_AT", "de_DE", "en_GB", "en_IE", "es_ES", "et_EE", "fi_FI", "fr_FR",
    "hr_HR", "hu_HU", "it_IT", "lv_LV", "nl_NL", "no_NO", "pl_PL", "pt_PT", "ro_RO",
    "sk_SK", "sl_SI", "sv_SE",
]  # fmt: skip
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"


class People(Model):
    """The partner's organisation. Staff, accounts, homes, mail and papers are made from this; the
    same words and seed give the same people.
    """

    organisation: Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f:,\"<>\\]{2,60}$")]
    domain: Annotated[str, StringConstraints(pattern=rf"^({_LABEL}\.){{1,3}}example$")]
    trade: Trade = "office"
    staff: Annotated[int, Field(ge=4, le=60)] = 12
    locale: Locale = "sl_SI"
    seed: Annotated[int, Field(ge=0, le=2**31)] = 1
