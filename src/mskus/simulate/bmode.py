"""From scatterers to a B-mode picture: echoes, gain, noise, envelope, compounding, log compression, scan conversion."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mskus.simulate.beam import Float32Array, echo
from mskus.simulate.scanner import Scanner

if TYPE_CHECKING:
    from mskus.simulate.curve import FloatArray

_NOISE_GROWTH_DB_PER_MM = 0.45  # time-gain compensation lifts the noise floor with depth


class BeamGrid:
    """Everything of a scanner that does not change from frame to frame, computed once."""

    def __init__(self, scanner: Scanner, rng: np.random.Generator) -> None:
        self.scanner = scanner
        self.depths = scanner.rows()
        self.count, self.first, self.step = scanner.lines()
        self.shape = (self.depths.size, self.count)
        curved = scanner.probe == "curved"
        # absorption takes the high frequencies first: the pulse grows longer with depth
        self.sigma_axial = scanner.sigma_axial_mm * (1.0 + 0.006 * self.depths)
        spacing = self.step * (scanner.radius_mm + self.depths) if curved else np.full(self.depths.size, self.step)
        # kernels have unit energy, so a row's power is scatterers per grid cell; make that power per mm^2
        self.scale = (1.0 / np.sqrt(spacing * scanner.depth_step_mm)).astype(np.float32)[:, None]
        self.sigma_lines = scanner.sigma_lateral_mm(self.depths) / spacing
        nodes = np.linspace(0.0, scanner.depth_mm, len(scanner.gain_db))
        rows_db = np.interp(self.depths, nodes, scanner.gain_db)
        streaks = np.convolve(rng.standard_normal(self.count + 8), np.ones(5) / np.sqrt(5), "same")[4:-4]
        self.gain_db = (rows_db[:, None] + scanner.line_gain_db * streaks[None, :]).astype(np.float32)
        across = np.linspace(0.0, 1.0, self.count)
        loss = np.zeros(self.count)
        for position, width, loss_db in scanner.shadows:
            loss += loss_db / (1.0 + np.exp((np.abs(across - position) - width / 2) / 0.012))
        self.transmission = np.power(10.0, -loss / 20.0).astype(np.float32)
        noise_db = scanner.noise_db - _NOISE_GROWTH_DB_PER_MM * (scanner.depth_mm - self.depths)
        self.noise = np.power(10.0, noise_db / 20.0 - 0.5 * np.log10(2.0)).astype(np.float32)[:, None]
        # drawn once; every look and frame takes another part of it
        self._tile = rng.standard_normal((2, self.shape[0] + 61, self.shape[1] + 61), np.float32)
        x, y = scanner.pixel_mm()
        grid_x, grid_y = np.meshgrid(x, y)
        lines, rows = scanner.beam_coordinates(grid_x, grid_y)
        self.map_lines, self.map_rows = lines.astype(np.float32), rows.astype(np.float32)
        self.field: NDArray[np.bool_] = scanner.inside(grid_x, grid_y)

    def envelope(
        self, x_mm: Float32Array, *, y_mm: Float32Array, amplitude: Float32Array, rng: np.random.Generator
    ) -> FloatArray:
        """Envelope ``(rows, lines)`` on the beam grid, looks averaged; before gain and compression."""
        scanner = self.scanner
        total = np.zeros(self.shape, np.float32)
        signal = self.scale * self.transmission
        for look in scanner.looks_deg:
            re, im = echo(
                x_mm, y_mm=y_mm, amplitude=amplitude, shape=self.shape, depth_step_mm=scanner.depth_step_mm,
                first=self.first, step=self.step,
                radius_mm=scanner.radius_mm if scanner.probe == "curved" else 0.0, centre_mm=scanner.apex_mm[0],
                wavelength_mm=scanner.wavelength_mm, sigma_axial_mm=self.sigma_axial,
                sigma_lateral_lines=self.sigma_lines, steer_deg=look,
            )  # fmt: skip
            r, c = rng.integers(0, 62, 2)
            noise = self._tile[:, r : r + self.shape[0], c : c + self.shape[1]] * self.noise
            re = re * signal + noise[0]
            im = im * signal + noise[1]
            total += np.sqrt(re * re + im * im)
        return np.asarray(total / len(scanner.looks_deg))

    def compress(self, envelope: FloatArray) -> FloatArray:
        """Log compression to grey 0..1 with gain; the muscle's speckle (unit power) comes at ``grey_level``."""
        scanner = self.scanner
        level = 20.0 * np.log10(np.maximum(envelope, 1e-6)) + self.gain_db
        return np.asarray(scanner.grey_level + level / scanner.dynamic_range_db, np.float32)

    def picture(self, grey: FloatArray) -> NDArray[np.uint8]:
        """Scan conversion and post-processing: beam grid to ``(H, W)`` uint8."""
        import cv2

        scanner = self.scanner
        # a pixel averages over its own area: without this, coarse pictures would alias the speckle
        grain_x = 0.4 * scanner.mm_per_px_col / scanner.line_step_mm
        grain_y = 0.4 * scanner.mm_per_px_row / scanner.depth_step_mm
        if max(grain_x, grain_y) > 0.3:
            image = cv2.GaussianBlur(grey, (0, 0), sigmaX=max(grain_x, 0.05), sigmaY=max(grain_y, 0.05))
        else:
            image = grey
        image = cv2.remap(image, self.map_lines, self.map_rows, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        if scanner.smoothing_px > 0:
            image = cv2.GaussianBlur(image, (0, 0), scanner.smoothing_px)
        if scanner.sharpening > 0:
            image = image + scanner.sharpening * (image - cv2.GaussianBlur(image, (0, 0), 2.0))
        image = np.power(np.clip(image, 0.0, 1.0), scanner.gamma) * 255.0
        out = np.where(self.field, image, np.float32(scanner.background))
        return np.asarray(out + 0.5, np.uint8)
