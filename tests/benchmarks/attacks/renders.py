"""Rendered heads: a relief of bumps under one lamp, painted. Nobody, and no photo of anybody."""

from __future__ import annotations

import numpy as np

SIDE = 320
Grid = np.ndarray


def rendered_head(seed: int) -> np.ndarray:
    """A head of random proportions, skin, hair, light and turn: (SIDE, SIDE, 3) uint8 RGB."""
    random = np.random.default_rng(seed)
    face = _Face(random)
    relief = face.relief()
    down, right = np.gradient(relief, 2 / SIDE)
    normal = np.stack([-right, -down, np.ones_like(relief)], axis=2)
    normal /= np.linalg.norm(normal, axis=2, keepdims=True)
    lamp = np.array([random.uniform(-0.7, 0.7), random.uniform(-0.8, -0.1), 1.0])
    lamp /= np.linalg.norm(lamp)
    diffuse = np.clip(normal @ lamp, 0, None)[..., None]
    half = lamp + np.array([0.0, 0.0, 1.0])  # between the lamp and the eye
    gloss = np.clip(normal @ half / np.linalg.norm(half), 0, None)[..., None] ** 24
    shaded = face.paint() * (0.35 + 0.75 * diffuse) + 0.12 * gloss
    behind = random.uniform(0.2, 0.8, 3) * np.linspace(1, random.uniform(0.5, 0.9), SIDE)[:, None, None]
    picture = np.where(face.covers()[..., None], shaded, behind)
    noise = random.normal(0, 0.01, picture.shape)
    return np.clip(np.rint(255 * (picture + noise)), 0, 255).astype(np.uint8)


class _Face:
    """Where everything lies, in units of half the picture's side, x to the right and y down."""

    def __init__(self, random: np.random.Generator) -> None:
        y, x = (np.mgrid[:SIDE, :SIDE] + 0.5) * 2 / SIDE - 1
        roll, yaw = random.normal(0, 0.06), random.normal(0, 0.05)
        self.x = np.cos(roll) * x + np.sin(roll) * y - yaw
        self.y = -np.sin(roll) * x + np.cos(roll) * y
        self.yaw = yaw
        self.width, self.height = random.uniform(0.46, 0.56), random.uniform(0.64, 0.74)
        self.eyes = (random.uniform(0.19, 0.24), random.uniform(-0.14, -0.08))  # apart from the middle, and height
        self.nose = random.uniform(0.14, 0.2)
        self.mouth = (random.uniform(0.13, 0.2), random.uniform(0.36, 0.42))  # half its width, and height
        self.open = random.uniform(0.0, 0.03)
        self.skin = np.array([0.95, 0.75, 0.62]) * random.uniform(0.35, 1.0) * random.uniform(0.95, 1.05, 3)
        self.hair = np.array([0.45, 0.32, 0.2]) * random.uniform(0.1, 1.4)
        self.iris = random.uniform(0.1, 0.5, 3)
        self.fringe = random.uniform(-0.5, -0.36)

    def bump(self, x: float, y: float, wide: float, high: float) -> Grid:
        return np.exp(-(((self.x - x - 0.5 * self.yaw) / wide) ** 2) - ((self.y - y) / high) ** 2)

    def both(self, x: float, y: float, wide: float, high: float) -> Grid:
        return self.bump(-x, y, wide, high) + self.bump(x, y, wide, high)

    def oval(self, x: float, y: float, wide: float, high: float) -> Grid:
        return ((self.x - x - 0.5 * self.yaw) / wide) ** 2 + ((self.y - y) / high) ** 2 < 1

    def eye(self, wide: float, high: float) -> Grid:
        apart, at = self.eyes
        return self.oval(-apart, at, wide, high) | self.oval(apart, at, wide, high)

    def covers(self) -> Grid:
        neck = (np.abs(self.x) < 0.6 * self.width) & (self.y > 0)
        mane = self.oval(0, -0.12, self.width + 0.1, self.height + 0.06) & (self.y < 0.15)
        return self.oval(0, 0, self.width, self.height) | neck | mane

    def relief(self) -> Grid:
        inside = 1 - (self.x / self.width) ** 2 - (self.y / self.height) ** 2
        head = 0.55 * np.sqrt(np.clip(inside, 0.02, None))
        apart, at = self.eyes
        nose_end = at + 0.12 + self.nose
        return (
            head
            - 0.09 * self.both(apart, at, 0.12, 0.07)
            + 0.05 * self.both(apart, at - 0.1, 0.14, 0.035)
            + 0.05 * self.both(apart, at, 0.07, 0.035)
            + 0.13 * self.bump(0, nose_end - 0.02, 0.075, 0.06)
            + 0.08 * self.bump(0, at + 0.12, 0.05, 0.16)
            - 0.04 * self.both(0.045, nose_end + 0.03, 0.02, 0.015)
            + 0.04 * self.both(0.26, 0.16, 0.12, 0.12)
            + 0.035 * self.bump(0, self.mouth[1] - 0.025, self.mouth[0], 0.022)
            + 0.04 * self.bump(0, self.mouth[1] + 0.03, 0.8 * self.mouth[0], 0.026)
            - 0.03 * self.bump(0, self.mouth[1], self.mouth[0], 0.01)
            + 0.05 * self.bump(0, 0.57, 0.14, 0.08)
        )

    def paint(self) -> Grid:
        apart, at = self.eyes
        wide, low = self.mouth
        coat = np.broadcast_to(self.skin, (SIDE, SIDE, 3)).copy()
        coat[(self.y < self.fringe + 0.5 * self.x**2) | ~self.oval(0, 0.04, self.width, self.height)] = self.hair
        coat[(np.abs(self.x) < 0.55 * self.width) & (self.y > 0.62)] = 0.85 * self.skin
        brows = (np.abs(np.abs(self.x - 0.5 * self.yaw) - apart) < 0.1) & (
            np.abs(self.y - at + 0.115 - 0.6 * (np.abs(np.abs(self.x) - apart)) ** 1.5) < 0.016
        )
        coat[brows] = 0.7 * self.hair
        coat[self.eye(0.088, 0.04)] = 0.35 * self.skin
        white = self.eye(0.08, 0.034)
        coat[white] = (0.92, 0.92, 0.9)
        coat[self.eye(0.034, 0.034) & white] = self.iris
        coat[self.eye(0.015, 0.015) & white] = (0.02, 0.02, 0.02)
        lips = self.oval(0, low, wide, 0.05)
        coat[lips] = self.skin * (0.85, 0.5, 0.5)
        coat[self.oval(0, low, 0.9 * wide, 0.006 + self.open)] = (0.16, 0.05, 0.05)
        for side in (-1, 1):
            coat[self.oval(side * 0.045, at + 0.15 + self.nose, 0.02, 0.012)] = 0.35 * self.skin
        return coat
