"""Fully developed speckle has a Rayleigh envelope: mean over standard deviation sqrt(pi / (4 - pi)) = 1.913."""

from __future__ import annotations

import numpy as np
import pytest

from mskus.simulate import Scanner
from mskus.simulate.bmode import BeamGrid
from mskus.simulate.tissue import speckle_points


def _per_mm2(scanner: Scanner) -> float:
    """Five scatterers in a resolution cell at the focus, as in the tissue."""
    return 5.0 / (2.355**2 * scanner.sigma_axial_mm * float(scanner.sigma_lateral_mm(np.array([scanner.focus_mm]))[0]))


def _homogeneous(scanner: Scanner, *, per_mm2: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    x, y, strength = speckle_points(
        rng,
        width_mm=scanner.width_mm + 4,
        height_mm=scanner.depth_mm + 2,
        per_mm2=per_mm2,
        wavelength_mm=scanner.wavelength_mm,
    )
    grid = BeamGrid(scanner, rng)
    return grid.envelope(
        (x - 2).astype(np.float32),
        y_mm=(y - 1).astype(np.float32),
        amplitude=(strength / np.sqrt(per_mm2)).astype(np.float32),
        rng=rng,
    )


@pytest.mark.parametrize("probe", ["linear", "curved"])
@pytest.mark.parametrize("frequency_mhz", [6.0, 11.0])
def test_envelope_is_rayleigh(probe, frequency_mhz):
    scanner = Scanner(probe=probe, frequency_mhz=frequency_mhz, noise_db=-200.0, size_px=(400, 400))
    envelope = _homogeneous(scanner, per_mm2=_per_mm2(scanner), seed=4)
    rows, lines = envelope.shape
    inner = envelope[rows // 6 : -rows // 6, lines // 6 : -lines // 6]
    assert inner.mean() / inner.std() == pytest.approx(1.913, abs=0.06)
    # unit scatterer power a mm^2 gives unit echo power; a little is lost by depositing between grid nodes
    power = (inner**2).mean()
    assert power == pytest.approx(1.0, abs=0.12)
    # quantiles of a Rayleigh distribution of that power: F(a) = 1 - exp(-a^2 / power)
    for p in (0.1, 0.25, 0.5, 0.75, 0.9, 0.99):
        assert (inner**2 < -np.log(1 - p) * power).mean() == pytest.approx(p, abs=0.02)


def test_few_scatterers_are_not_fully_developed():
    scanner = Scanner(noise_db=-200.0, size_px=(400, 400))
    sparse = _homogeneous(scanner, per_mm2=0.5, seed=4)
    assert sparse.mean() / sparse.std() < 1.6


@pytest.mark.parametrize(("looks", "snr"), [((0.0,), 1.913), ((-25.0, 0.0, 25.0), 1.913 * np.sqrt(3))])
def test_compounding_independent_looks_raises_snr_by_the_root_of_their_number(looks, snr):
    scanner = Scanner(noise_db=-200.0, size_px=(400, 400), looks_deg=looks)
    # common strong scatterers tie the looks together, so this needs many
    envelope = _homogeneous(scanner, per_mm2=16 * _per_mm2(scanner), seed=5)[60:-60, 30:-30]
    assert envelope.mean() / envelope.std() == pytest.approx(snr, rel=0.04)


def test_electronic_noise_has_the_stated_level_at_the_deepest_row():
    scanner = Scanner(noise_db=-10.0, size_px=(400, 400))
    rng = np.random.default_rng(0)
    nothing = np.zeros(1, np.float32)
    envelope = BeamGrid(scanner, rng).envelope(nothing, y_mm=nothing, amplitude=nothing, rng=rng)
    deep = envelope[-30:]
    assert 10 * np.log10((deep**2).mean()) == pytest.approx(-10.0, abs=1.0)
    assert (envelope[:30] ** 2).mean() < 0.1 * (deep**2).mean()
