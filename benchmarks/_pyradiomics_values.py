"""Run by the Python that has pyradiomics 3.0.1: features of regions from a file, their times, as JSON on the output.

python benchmarks/_pyradiomics_values.py REGIONS.npz    with image_0, mask_0, levels_0, image_1 ...
"""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Any

import numpy as np
import SimpleITK

import radiomics
from radiomics import firstorder, glcm, gldm, glrlm, glszm, ngtdm, shape2D

TEXTURES = {
    "glcm": glcm.RadiomicsGLCM,
    "glrlm": glrlm.RadiomicsGLRLM,
    "glszm": glszm.RadiomicsGLSZM,
    "gldm": gldm.RadiomicsGLDM,
    "ngtdm": ngtdm.RadiomicsNGTDM,
}
# The levels are made beforehand, so that the rounding at the edges of bins plays no part.
LEVELS_AS_THEY_ARE = {"binWidth": 1, "force2D": True, "force2Ddimension": 0, "distances": [1], "symmetricalGLCM": True}


def volume(plane: np.ndarray[Any, Any]) -> SimpleITK.Image:
    """One slice, for pyradiomics wants three dimensions."""
    return SimpleITK.GetImageFromArray(plane[None])


def features(image: Any, mask: Any, levels: Any) -> tuple[dict[str, float], float]:
    """Features of one region, and the seconds that all classes took."""
    inside = volume(mask.astype(np.uint8))
    grey, binned = volume(image.astype(np.float64)), volume(levels.astype(np.float64))
    found: dict[str, float] = {}
    start = time.perf_counter()
    jobs = [("firstorder", firstorder.RadiomicsFirstOrder, grey)]
    jobs += [(name, one, binned) for name, one in TEXTURES.items()]
    jobs += [("histogram", firstorder.RadiomicsFirstOrder, binned), ("shape2D", shape2D.RadiomicsShape2D, grey)]
    for name, one, picture in jobs:
        calculator = one(picture, inside, **LEVELS_AS_THEY_ARE)
        calculator.enableAllFeatures()
        calculator.enabledFeatures.pop("MCC", None)  # has no counterpart, and its eigenvalues would count as time
        for feature, value in calculator.execute().items():
            found[f"{name}_{feature}"] = float(value)
    return found, time.perf_counter() - start


def main() -> None:
    """Print the version, and values and seconds of each region."""
    logging.getLogger("radiomics").setLevel(logging.ERROR)
    given = np.load(sys.argv[1])
    regions = [tuple(given[f"{part}_{k}"] for part in ("image", "mask", "levels")) for k in range(len(given) // 3)]
    rounds = [[features(*region) for region in regions] for _ in range(3)]
    seconds = [min(one[k][1] for one in rounds) for k in range(len(regions))]  # best of three, as on our side
    rows = [values for values, _ in rounds[0]]
    json.dump({"version": radiomics.__version__, "values": rows, "seconds": seconds}, sys.stdout)


if __name__ == "__main__":
    main()
