"""What happens to a photo on its way through the world: each edit takes (H, W, 3) uint8 RGB and returns a new photo."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

Edit = Callable[[np.ndarray], np.ndarray]


def _resized(factor: float) -> Edit:
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return lambda rgb: cv2.resize(rgb, None, fx=factor, fy=factor, interpolation=how)


def _coded(suffix: str, *options: int) -> Edit:
    def edit(rgb: np.ndarray) -> np.ndarray:
        done, data = cv2.imencode(suffix, rgb[:, :, ::-1], options)
        assert done
        return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[:, :, ::-1])

    return edit


def _jpeg(quality: int) -> Edit:
    return _coded(".jpg", cv2.IMWRITE_JPEG_QUALITY, quality)


def _values(change: Callable[[np.ndarray], np.ndarray]) -> Edit:
    """A change of values in [0, 255], as float32."""
    return lambda rgb: np.clip(np.rint(change(rgb.astype(np.float32))), 0, 255).astype(np.uint8)


def _gamma(exponent: float) -> Edit:
    return _values(lambda x: 255 * (x / 255) ** exponent)


def _blurred(sigma: float) -> Edit:
    return lambda rgb: cv2.GaussianBlur(rgb, (0, 0), sigma)


def _noise(deviation: float) -> Edit:
    return _values(lambda x: x + deviation * np.random.default_rng(0).standard_normal(x.shape))


def _cropped(share: float) -> Edit:
    """A share of the side is cut off left and at the top, half as much at the right and below."""

    def edit(rgb: np.ndarray) -> np.ndarray:
        height, width = rgb.shape[:2]
        top, left = round(share * height), round(share * width)
        return np.ascontiguousarray(rgb[top : height - top // 2, left : width - left // 2])

    return edit


def _shifted(share: float) -> Edit:
    def edit(rgb: np.ndarray) -> np.ndarray:
        step = share * rgb.shape[1]
        return _warped(rgb, np.array([[1, 0, step], [0, 1, -step]]))

    return edit


def _rotated(degrees: float) -> Edit:
    def edit(rgb: np.ndarray) -> np.ndarray:
        height, width = rgb.shape[:2]
        return _warped(rgb, cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1))

    return edit


def _warped(rgb: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    return cv2.warpAffine(rgb, matrix, rgb.shape[1::-1], flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _sharpened(rgb: np.ndarray) -> np.ndarray:
    return cv2.addWeighted(rgb, 1.7, _blurred(1.5)(rgb), -0.7, 0)


def _grey(rgb: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)


def _chain(*edits: Edit) -> Edit:
    def edit(rgb: np.ndarray) -> np.ndarray:
        for one in edits:
            rgb = one(rgb)
        return rgb

    return edit


MESSENGER = _chain(_resized(0.6), _jpeg(70))
EDITS: dict[str, Edit] = {
    "an exact copy (PNG)": _coded(".png"),
    "resized to 200 %": _resized(2.0),
    "resized to 75 %": _resized(0.75),
    "resized to 50 %": _resized(0.5),
    "resized to 30 %": _resized(0.3),
    "resized to 20 %": _resized(0.2),
    "JPEG, quality 90": _jpeg(90),
    "JPEG, quality 70": _jpeg(70),
    "JPEG, quality 50": _jpeg(50),
    "JPEG, quality 20": _jpeg(20),
    "mirrored": lambda rgb: np.ascontiguousarray(rgb[:, ::-1]),
    "brighter by a quarter": _values(lambda x: 1.25 * x),
    "darker by a quarter": _values(lambda x: 0.75 * x),
    "more contrast (1.3)": _values(lambda x: 127.5 + 1.3 * (x - 127.5)),
    "less contrast (0.7)": _values(lambda x: 127.5 + 0.7 * (x - 127.5)),
    "gamma 0.7": _gamma(0.7),
    "gamma 1.4": _gamma(1.4),
    "blurred, sigma 1": _blurred(1),
    "blurred, sigma 2.5": _blurred(2.5),
    "sharpened": _sharpened,
    "cut at the edges by 8 %": _cropped(0.08),
    "shifted by 4 %": _shifted(0.04),
    "rotated by 3°": _rotated(3),
    "rotated by 10°": _rotated(10),
    "grey": _grey,
    "noise, sigma 5": _noise(5),
    "noise, sigma 15": _noise(15),
    "through a messenger (60 %, JPEG 70)": MESSENGER,
    "through a messenger, twice, then enlarged": _chain(MESSENGER, MESSENGER, _resized(2.5)),
}
SMOOTHINGS: dict[str, Edit] = {
    **{f"blurred, sigma {sigma}": _blurred(sigma) for sigma in (0.5, 1, 1.5, 2, 3)},
    "median of 5 × 5": lambda rgb: cv2.medianBlur(rgb, 5),
    "bilateral": lambda rgb: cv2.bilateralFilter(rgb, 7, 60, 5),
    "skin smoothed": lambda rgb: cv2.edgePreservingFilter(rgb, flags=1, sigma_s=20, sigma_r=0.3),
}
FOR_OTHERS = (  # tried on non-members: the kinds that members survive best and worst
    "an exact copy (PNG)",
    "resized to 200 %",
    "resized to 75 %",
    "resized to 30 %",
    "JPEG, quality 50",
    "mirrored",
    "darker by a quarter",
    "blurred, sigma 1",
    "sharpened",
    "cut at the edges by 8 %",
    "rotated by 3°",
    "noise, sigma 5",
    "through a messenger (60 %, JPEG 70)",
)
CUT_OUTS: dict[str, Edit] = {  # of the aligned face itself, so that detector and alignment change nothing
    "mirrored": EDITS["mirrored"],
    "resized to 50 % and back": _chain(_resized(0.5), _resized(2.0)),
    "JPEG, quality 50": _jpeg(50),
}
