from __future__ import annotations

import numpy as np
import pytest

from mskus.enhance.despeckle.compression import to_envelope, to_grey
from mskus.errors import EnhanceError


@pytest.mark.parametrize(
    ("grey", "compression_db", "envelope"),
    [(255.0, 60.0, 1.0), (0.0, 60.0, 1e-3), (170.0, 60.0, 0.1), (127.5, 80.0, 1e-2), (51.0, None, 0.2)],
)
def test_envelope_of_a_grey_level_and_back(grey, compression_db, envelope):
    picture = np.full((3, 3), grey, np.float32)
    linear = to_envelope(picture, compression_db=compression_db)
    np.testing.assert_allclose(linear, envelope, rtol=1e-5)
    np.testing.assert_allclose(to_grey(linear, compression_db=compression_db), grey, atol=1e-3)


def test_what_lies_beyond_black_and_white_is_cut_off():
    beyond = np.array([[0.0, 1e-9, 5.0]], np.float32)
    assert to_grey(beyond, compression_db=60.0).tolist() == [[0.0, 0.0, 255.0]]


@pytest.mark.parametrize("compression_db", [0.0, 9.0, 151.0, float("nan")])
def test_impossible_dynamic_range(compression_db):
    with pytest.raises(EnhanceError, match="dynamic range"):
        to_envelope(np.zeros((3, 3), np.float32), compression_db=compression_db)
