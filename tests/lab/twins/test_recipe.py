"""A recipe reads the logs of every version, and shows a network what its log says."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest
import torch

from mint.lab.twins.recipe import TwinRecipe
from mint.networks.base import resize
from mint.networks.modules.light import equalise, standardise
from mint.networks.modules.light_names import EQUALISED, PLAIN, STANDARDISED
from mint.networks.torch_network import resize_and_scale


@pytest.mark.parametrize(
    ("said", "light"),
    [
        ({}, PLAIN),
        ({"standardised": False}, PLAIN),
        ({"standardised": True}, STANDARDISED),
        ({"light": PLAIN}, PLAIN),
        ({"light": STANDARDISED}, STANDARDISED),
        ({"light": EQUALISED}, EQUALISED),
    ],
)
def test_logs_of_every_version_say_which_light(said: dict[str, Any], light: str) -> None:
    recipe = TwinRecipe.from_log({"epochs": 3, "keep": [1, 2], **said})
    assert recipe == TwinRecipe(epochs=3, keep=(1, 2), precision="bfloat16", light=light)
    assert TwinRecipe.from_log(asdict(recipe)) == recipe


def test_a_network_is_trained_on_what_its_bundle_will_show_it() -> None:
    crops = 255 * torch.rand(2, 3, 112, 112, generator=torch.Generator().manual_seed(0))
    small = resize(crops, 32)
    wanted = {PLAIN: resize_and_scale(crops, 32), STANDARDISED: standardise(small), EQUALISED: equalise(small)}
    for light, expected in wanted.items():
        torch.testing.assert_close(TwinRecipe(input_size=32, light=light).prepare(crops), expected, rtol=0, atol=0)
    told = [TwinRecipe(light=light).architecture() for light in wanted]
    assert [(shape.get("standardised"), shape.get("light")) for shape in told] == [
        (None, None), (True, None), (None, EQUALISED),
    ]  # fmt: skip
