"""What a bundle may hold."""

from __future__ import annotations

from rangectl.model.bundle import Manifest
from rangectl.plan.bundle import shadows
from tests.provision.bundles import CONTENTS, TAG


def test_an_image_that_nothing_in_a_bundle_needs_would_shadow_another() -> None:
    other = "rangectl/role:" + "1" * 24
    (image,) = CONTENTS["images"]
    manifest = Manifest.model_validate(CONTENTS | {"images": [image, image | {"tag": other}]})
    assert shadows(manifest, {TAG, other}) == ()
    assert shadows(manifest, {TAG}) == (f"{other}: none of its topologies needs it",)
