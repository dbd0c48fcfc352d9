"""What the controls are called, as splits of a bundle's scores."""

from __future__ import annotations

PIXELS, UNTRAINED, OTHER_TWIN, SHUFFLED = "pixels", "untrained", "other-twin", "shuffled-labels"
SHUFFLED_PEOPLE = "shuffled-people"
CROSS, CROSS_CALIBRATION = "cross-database", "cross-database/calibration"
SWAPPED, DOSE_RESPONSE, POSITIVE = "swapped-halves", "dose-response", "positive"
