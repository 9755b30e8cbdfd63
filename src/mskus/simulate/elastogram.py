"""A scanner's screen with an elastogram of known values: grey picture, coloured box, colour bar."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.clip import Region

F64 = NDArray[np.float64]
RGB = NDArray[np.uint8]

SCREEN = (360, 520)
BOX = Region(x=110, y=70, w=240, h=200)
BAR = Region(x=470, y=60, w=16, h=180)


@dataclass(frozen=True, kw_only=True, eq=False)
class ElastogramPhantom:
    """The screen and its truth.

    Attributes:
        image: ``(H, W, 3)`` uint8 RGB.
        bmode: ``(H, W)`` uint8, the grey picture beneath.
        values: ``(H, W)`` true values, NaN outside the box.
        box: where the colours are.
        bar: where the colour bar is.
    """

    image: RGB
    bmode: NDArray[np.uint8]
    values: F64
    box: Region
    bar: Region


def simulate_elastogram(
    values: F64,
    *,
    low: float,
    high: float,
    colour_map: str = "jet",
    opacity: float = 1.0,
    jpeg_quality: int | None = None,
    side_by_side: bool = False,
    seed: int = 0,
) -> ElastogramPhantom:
    """Draw a screen.

    Args:
        values: true values, brought to the size of the box by linear interpolation; beyond the ends they saturate.
        low: value of the bar's lower end.
        high: value of its upper end.
        colour_map: a name of Matplotlib's.
        opacity: of the colours over the grey picture.
        jpeg_quality: 1 to 100 to compress as a scanner's export does (colours at half resolution); None for none.
        side_by_side: show the grey picture without colours on the left, as in a dual view.
        seed: of the speckle.
    """
    import matplotlib

    colours = matplotlib.colormaps[colour_map]
    random = np.random.default_rng(seed)
    speckle = np.hypot(*(cv2.GaussianBlur(random.normal(size=SCREEN), (0, 0), 2.5, sigmaY=1.2) for _ in range(2)))
    bmode = np.clip(140.0 + 45.0 * np.log(speckle / speckle.mean() + 1e-3), 0.0, 255.0)
    bmode[:40] = bmode[300:] = 0.0
    bmode[:, :40] = bmode[:, 420:] = 0.0
    screen = np.repeat(bmode[..., None], 3, axis=2)
    inside = cv2.resize(np.asarray(values, np.float64), (BOX.w, BOX.h), interpolation=cv2.INTER_LINEAR)
    tint = 255.0 * colours(np.clip((inside - low) / (high - low), 0.0, 1.0))[..., :3]
    screen[BOX.slices] = opacity * tint + (1.0 - opacity) * screen[BOX.slices]
    steps = (np.arange(BAR.h)[::-1] + 0.5) / BAR.h
    screen[BAR.slices] = 255.0 * colours(steps)[:, None, :3]
    image = np.rint(screen).astype(np.uint8)
    cv2.putText(image, "kPa", (BAR.x - 8, BAR.y - 12), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (230, 230, 230), 1, cv2.LINE_AA)
    cv2.rectangle(image, (BOX.x - 2, BOX.y - 2), (BOX.x + BOX.w + 1, BOX.y + BOX.h + 1), (240, 240, 240), 1)
    truth = np.full(SCREEN, np.nan)
    truth[BOX.slices] = inside
    grey, box, bar = np.rint(bmode).astype(np.uint8), BOX, BAR
    if side_by_side:
        image = np.hstack([np.repeat(grey[..., None], 3, axis=2), image])
        truth, grey = np.hstack([np.full(SCREEN, np.nan), truth]), np.hstack([grey, grey])
        box, bar = (replace(part, x=part.x + SCREEN[1]) for part in (box, bar))
    if jpeg_quality is not None:
        image = _compressed(image, jpeg_quality)
    return ElastogramPhantom(image=image, bmode=grey, values=truth, box=box, bar=bar)


def _compressed(image: RGB, quality: int) -> RGB:
    _, data = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)[..., ::-1].copy()
