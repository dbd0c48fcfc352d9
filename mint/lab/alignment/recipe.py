"""What decides how the aligner comes out."""

from __future__ import annotations

from dataclasses import dataclass

from mint.lab.twins.pool_recipe import NOW


@dataclass(frozen=True, slots=True)
class AlignerRecipe:
    """All settings of a training.

    Attributes:
        seed: of people, pictures, edits, weights and batches. Pools are made of the people of other seeds.
        people: generated people.
        per_person: pictures of each.
        variation: the least and the largest a of a person, see ``mint.lab.twins.fictional_people``.
        photographic: share of the batch that is drawn from the photographs of openpeople, which are few, but sharp.
        steps: of the optimiser.
        pairs: of versions of one picture in each step.
        width: channels of the first convolution.
        learning_rate: the highest; it falls to zero as a half cosine.
        weight_decay: of AdamW (Loshchilov & Hutter 2019).
        anchor: weight of the difference to the place measured by ``mint.vision.still``, beside the difference between versions.
        precision: of the forward pass, ``float32`` or ``bfloat16``.
    """

    seed: int = 3
    people: int = 900
    per_person: int = 8
    variation: tuple[float, float] = NOW.variation
    photographic: float = 0.3
    steps: int = 8000
    pairs: int = 64
    width: int = 16
    learning_rate: float = 1e-3
    weight_decay: float = 1e-4
    anchor: float = 0.3
    precision: str = "float32"
