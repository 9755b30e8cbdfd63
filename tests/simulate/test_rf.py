from __future__ import annotations

import numpy as np
import pytest

from mskus.simulate.rf import simulate_rf


@pytest.mark.parametrize("attenuation", [0.0, 0.5, 1.0])
def test_an_echo_weakens_with_depth_as_stated(attenuation):
    # At 25 MHz a sample is 30.8 um: rows 200 and 849 lie 2 cm apart to within 0.01 mm.
    spikes = np.zeros((1200, 2))
    spikes[200, 0] = spikes[849, 1] = 1.0
    power = np.abs(np.fft.rfft(simulate_rf(spikes, attenuation_db_per_cm_mhz=attenuation), axis=0)) ** 2
    mhz = np.fft.rfftfreq(1200, 1 / 25.0)
    at = np.abs(mhz - 5.0).argmin()
    fall = 10 * np.log10(power[at, 0] / power[at, 1])
    assert fall == pytest.approx(2 * attenuation * mhz[at] * 2.0, abs=0.02)


def test_backscatter_rises_with_frequency_as_stated():
    spike = np.zeros((1200, 1))
    spike[600] = 1.0
    flat, steep = (
        np.abs(np.fft.rfft(simulate_rf(spike, intercept_db=i, slope_db_per_mhz=s)[:, 0])) ** 2
        for i, s in ((0.0, 0.0), (-4.0, 2.0))
    )
    mhz = np.fft.rfftfreq(1200, 1 / 25.0)
    band = (mhz > 3) & (mhz < 7)
    np.testing.assert_allclose(10 * np.log10(steep / flat)[band], -4.0 + 2.0 * mhz[band], atol=1e-6)
