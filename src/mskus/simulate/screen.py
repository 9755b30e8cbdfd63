"""A scanner's screen around the picture: text, ruler ticks, grey bar and logo, with the truth of where each one is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mskus.clip import Region
from mskus.simulate.scanner import Scanner


@dataclass(frozen=True, kw_only=True)
class Screen:
    """Layout of a screen.

    Attributes:
        margins_px: ``(left, top, right, bottom)`` room around the picture.
        background: grey of the screen.
        ink: grey of text and ticks.
        tick_mm: distance of two ruler ticks.
        ruler_gap_px: distance of the depth ruler from the picture's right side.
        depth_ruler, width_ruler: whether there is a ruler beside and below the picture.
        numbers: whether every second centimetre is numbered.
        title: text above the picture; no real name ever.
        grey_bar: whether a grey bar stands on the left.
        logo: whether a logo stands in the upper right corner.
    """

    margins_px: tuple[int, int, int, int] = (90, 50, 90, 40)
    background: int = 0
    ink: int = 200
    tick_mm: float = 5.0
    ruler_gap_px: int = 14
    depth_ruler: bool = True
    width_ruler: bool = True
    numbers: bool = True
    title: str = "PHANTOM  MSK Gen  MI 0.7  TIs 0.1"
    grey_bar: bool = True
    logo: bool = True

    def region(self, scanner: Scanner) -> Region:
        """Where the picture lies on the screen."""
        height, width = scanner.size_px
        return Region(self.margins_px[0], self.margins_px[1], width, height)

    def size_px(self, scanner: Scanner) -> tuple[int, int]:
        """``(height, width)`` of the screen."""
        left, top, right, bottom = self.margins_px
        return scanner.size_px[0] + top + bottom, scanner.size_px[1] + left + right

    def depth_ticks_px(self, scanner: Scanner) -> NDArray[np.float64]:
        """Rows of the depth ruler's ticks on the screen, skin first."""
        ticks = np.arange(0.0, (scanner.size_px[0] - 1) * scanner.mm_per_px_row + 1e-9, self.tick_mm)
        return self.margins_px[1] + ticks / scanner.mm_per_px_row

    def width_ticks_px(self, scanner: Scanner) -> NDArray[np.float64]:
        """Columns of the lateral ruler's ticks on the screen, left first."""
        ticks = np.arange(0.0, (scanner.size_px[1] - 1) * scanner.mm_per_px_col + 1e-9, self.tick_mm)
        return self.margins_px[0] + ticks / scanner.mm_per_px_col

    def frame(self, scanner: Scanner) -> NDArray[np.uint8]:
        """The screen without its picture, ``(H, W)`` uint8."""
        import cv2

        height, width = self.size_px(scanner)
        region = self.region(scanner)
        canvas = np.full((height, width), self.background, np.uint8)
        font, ink = cv2.FONT_HERSHEY_SIMPLEX, int(self.ink)
        cv2.putText(canvas, self.title, (8, 18), font, 0.42, ink, 1, cv2.LINE_AA)
        cv2.putText(canvas, f"{scanner.depth_mm / 10:.1f} cm", (8, height - 10), font, 0.4, ink, 1, cv2.LINE_AA)
        cv2.putText(canvas, f"{scanner.frequency_mhz:.0f} MHz", (80, height - 10), font, 0.4, ink, 1, cv2.LINE_AA)
        if self.depth_ruler:
            x = region.x + region.w + self.ruler_gap_px
            for k, row in enumerate(self.depth_ticks_px(scanner)):
                whole = abs((k * self.tick_mm) % 10.0) < 1e-6
                at = round(float(row))
                canvas[at, x : x + (9 if whole else 5)] = ink
                number = k * self.tick_mm / 10
                if self.numbers and whole and k > 0 and x + 14 + 12 < width:
                    cv2.putText(canvas, f"{number:.0f}", (x + 14, at + 4), font, 0.4, ink, 1, cv2.LINE_AA)
        if self.width_ruler:
            y = region.y + region.h + 6
            for k, column in enumerate(self.width_ticks_px(scanner)):
                whole = abs((k * self.tick_mm) % 10.0) < 1e-6
                canvas[y : y + (9 if whole else 5), round(float(column))] = ink
        if self.grey_bar:
            bar = np.linspace(255, 0, max(region.h // 3, 2))
            canvas[region.y + 20 : region.y + 20 + bar.size, 12:26] = bar[:, None].astype(np.uint8)
        if self.logo:
            x, y = width - 30, 16
            cv2.fillConvexPoly(canvas, np.array([[x, y - 11], [x + 11, y], [x, y + 11], [x - 11, y]], np.int32), 215)
            cv2.line(canvas, (x - 5, y), (x + 5, y), 40, 2)
        return canvas

    def show(self, frames: NDArray[np.uint8], *, scanner: Scanner) -> NDArray[np.uint8]:
        """Pictures ``(T, h, w)`` on the screen, ``(T, H, W)``."""
        out = np.repeat(self.frame(scanner)[None], len(frames), axis=0)
        rows, columns = self.region(scanner).slices
        out[:, rows, columns] = frames
        return out


def random_screen(rng: np.random.Generator) -> Screen:
    """A random layout."""
    background = int(rng.choice((0, 0, 12, 48)))
    return Screen(
        margins_px=(
            int(rng.integers(40, 140)), int(rng.integers(30, 80)), int(rng.integers(50, 140)), int(rng.integers(24, 90))
        ),
        background=background, ink=int(rng.integers(background + 90, 250)), tick_mm=float(rng.choice((5.0, 10.0))),
        ruler_gap_px=int(rng.integers(4, 30)), depth_ruler=bool(rng.random() < 0.9),
        width_ruler=bool(rng.random() < 0.6), numbers=bool(rng.random() < 0.6), grey_bar=bool(rng.random() < 0.7),
        logo=bool(rng.random() < 0.7),
    )  # fmt: skip
