"""What the controls are called, as splits of a bundle's scores."""

from __future__ import annotations

from mint.bundles.evaluation import CROSS as CROSS

PIXELS, UNTRAINED, OTHER_TWIN, SHUFFLED = "pixels", "untrained", "other-twin", "shuffled-labels"
SHUFFLED_PEOPLE = "shuffled-people"
CROSS_CALIBRATION = f"{CROSS}/calibration"
SWAPPED, DOSE_RESPONSE, POSITIVE = "swapped-halves", "dose-response", "positive"
