from __future__ import annotations

import cv2
import numpy as np
import pytest


@pytest.fixture
def speckled():
    """Dark speckle: mean 70, spread 25 grey levels."""
    grain = cv2.GaussianBlur(np.random.default_rng(0).standard_normal((120, 160)), (0, 0), 1.5)
    return np.clip(np.rint(70 + 25 * grain / grain.std()), 0, 255).astype(np.float32)
