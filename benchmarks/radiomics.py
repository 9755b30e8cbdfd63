"""Do the features agree with pyradiomics 3.0.1 on real regions, and how much faster are they in the same run?

Needs a Python that has pyradiomics (it builds with ``pip install --no-build-isolation pyradiomics==3.0.1``), named by
the environment variable MSKUS_PYRADIOMICS_PYTHON; without it only the times of mskus are recorded.

python benchmarks/radiomics.py              both sections of the results
python benchmarks/radiomics.py --fixture    write the numbers that the tests hold (tests/features/radiomics)
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import pandas as pd

from _results import data_root, record
from mskus.features import FeatureRegion, families, feature_row
from mskus.statistics import bootstrap

FIXTURE = Path(__file__).parents[1] / "tests/features/radiomics/pyradiomics_values.json"
FAMILIES = ("first_order", "histogram", "glcm", "glrlm", "glszm", "gldm", "ngtdm", "shape")
REGIONS_EACH = 30

# pyradiomics' names, class by class, for our columns; what is missing here has no counterpart there.
GLCM = {
    "Autocorrelation": "auto_corr", "JointAverage": "joint_avg", "ClusterProminence": "clust_prom",
    "ClusterShade": "clust_shade", "ClusterTendency": "clust_tend", "Contrast": "contrast", "Correlation": "corr",
    "DifferenceAverage": "diff_avg", "DifferenceEntropy": "diff_entr", "DifferenceVariance": "diff_var",
    "JointEnergy": "energy", "JointEntropy": "joint_entr", "Imc1": "info_corr1", "Imc2": "info_corr2",
    "Idm": "inv_diff_mom", "Idmn": "inv_diff_mom_norm", "Id": "inv_diff", "Idn": "inv_diff_norm",
    "InverseVariance": "inv_var", "MaximumProbability": "joint_max", "SumAverage": "sum_avg", "SumEntropy": "sum_entr",
    "SumSquares": "joint_var",
}  # fmt: skip
INTENSITY = {
    "10Percentile": "p10", "90Percentile": "p90", "InterquartileRange": "iqr", "Maximum": "max",
    "MeanAbsoluteDeviation": "mad", "Mean": "mean", "Median": "median", "Minimum": "min", "Range": "range",
    "RobustMeanAbsoluteDeviation": "rmad", "Skewness": "skew", "Variance": "var", "Kurtosis": "kurt",
}  # fmt: skip
RUN = {
    "ShortRunEmphasis": "sre", "LongRunEmphasis": "lre", "LowGrayLevelRunEmphasis": "lgre",
    "HighGrayLevelRunEmphasis": "hgre", "ShortRunLowGrayLevelEmphasis": "srlge",
    "ShortRunHighGrayLevelEmphasis": "srhge", "LongRunLowGrayLevelEmphasis": "lrlge",
    "LongRunHighGrayLevelEmphasis": "lrhge", "GrayLevelNonUniformity": "glnu",
    "GrayLevelNonUniformityNormalized": "glnu_norm", "RunLengthNonUniformity": "rlnu",
    "RunLengthNonUniformityNormalized": "rlnu_norm", "RunPercentage": "r_perc", "GrayLevelVariance": "gl_var",
    "RunVariance": "rl_var", "RunEntropy": "rl_entr",
}  # fmt: skip
ZONE = {
    "SmallAreaEmphasis": "sze", "LargeAreaEmphasis": "lze", "LowGrayLevelZoneEmphasis": "lgze",
    "HighGrayLevelZoneEmphasis": "hgze", "SmallAreaLowGrayLevelEmphasis": "szlge",
    "SmallAreaHighGrayLevelEmphasis": "szhge", "LargeAreaLowGrayLevelEmphasis": "lzlge",
    "LargeAreaHighGrayLevelEmphasis": "lzhge", "GrayLevelNonUniformity": "glnu",
    "GrayLevelNonUniformityNormalized": "glnu_norm", "SizeZoneNonUniformity": "zsnu",
    "SizeZoneNonUniformityNormalized": "zsnu_norm", "ZonePercentage": "z_perc", "GrayLevelVariance": "gl_var",
    "ZoneVariance": "zs_var", "ZoneEntropy": "zs_entr",
}  # fmt: skip
DEPENDENCE = {
    "SmallDependenceEmphasis": "lde", "LargeDependenceEmphasis": "hde", "LowGrayLevelEmphasis": "lgce",
    "HighGrayLevelEmphasis": "hgce", "SmallDependenceLowGrayLevelEmphasis": "ldlge",
    "SmallDependenceHighGrayLevelEmphasis": "ldhge", "LargeDependenceLowGrayLevelEmphasis": "hdlge",
    "LargeDependenceHighGrayLevelEmphasis": "hdhge", "GrayLevelNonUniformity": "glnu",
    "DependenceNonUniformity": "dcnu", "DependenceNonUniformityNormalized": "dcnu_norm",
    "GrayLevelVariance": "gl_var", "DependenceVariance": "dc_var", "DependenceEntropy": "dc_entr",
}  # fmt: skip
SHAPE = {
    "Elongation": "elongation", "MajorAxisLength": "maj_axis_px", "MinorAxisLength": "min_axis_px",
    "MaximumDiameter": "max_diameter_px", "MeshSurface": "area_px", "PixelSurface": "area_approx_px",
    "Perimeter": "perimeter_px", "Sphericity": "sphericity",
}  # fmt: skip
TONE = {name: name.lower() for name in ("Coarseness", "Contrast", "Busyness", "Complexity", "Strength")}
PAIRS = {
    "firstorder": ("stat", INTENSITY | {"Energy": "energy", "RootMeanSquared": "rms"}),
    "histogram": ("ih", INTENSITY | {"Entropy": "entropy", "Uniformity": "uniformity"}),
    "glcm": ("cm", GLCM),
    "glrlm": ("rlm", RUN),
    "glszm": ("szm", ZONE),
    "gldm": ("ngl", DEPENDENCE),
    "ngtdm": ("ngt", TONE),
    "shape2D": ("morph", SHAPE),
}


class Named(NamedTuple):
    """A region with the set that it comes from and the group (near duplicates, participant) that it belongs to."""

    data: str
    group: str
    region: FeatureRegion


def made_region() -> FeatureRegion:
    """The region of the tests' numbers: soft waves with grain, an edge, a hole."""
    y, x = np.mgrid[:36, :48]
    grey = (x * x + 3 * y * y) // 20 % 101 + (x * 7919 + y * 104729) % 53 + np.where(x > 24, 90, 0)
    inside = (x - 23) ** 2 * 4 + (y - 17) ** 2 * 9 < 2100
    inside[14:18, 20:26] = False
    return FeatureRegion.of(grey, mask=inside)


def real_regions() -> list[Named]:
    """Nerves of different patients as far as known, and bellies between the two traced aponeuroses."""
    found = []
    folder = data_root() / "nerve/peripheral_blocks"
    nerves = pd.read_csv(folder / "manifest.csv").drop_duplicates("near_duplicate_group")
    for row in nerves.iloc[:: len(nerves) // REGIONS_EACH][:REGIONS_EACH].itertuples():
        mask = cv2.imread(str(folder / row.mask), cv2.IMREAD_GRAYSCALE) == 1
        if mask.sum() > 1:
            found.append(Named("nerve", f"n{row.near_duplicate_group}", cut(folder / row.image, mask)))
    folder = data_root() / "muscle/rectus_femoris_gait"
    bellies = pd.read_csv(folder / "manifest.csv")
    for row in bellies.iloc[:: len(bellies) // REGIONS_EACH][:REGIONS_EACH].itertuples():
        traced = cv2.imread(str(folder / row.mask), cv2.IMREAD_GRAYSCALE)
        below = np.maximum.accumulate(traced == 1, axis=0) & (traced != 1)
        mask = below & np.maximum.accumulate((traced == 2)[::-1], axis=0)[::-1] & (traced != 2)
        found.append(Named("muscle belly", f"m{row.participant}", cut(folder / row.image, mask)))
    return found


def has_lonely_pixel(mask: np.ndarray[Any, np.dtype[np.bool_]]) -> bool:
    """Whether a pixel touches no other; the IBSI leaves it out of the tone differences, pyradiomics counts it."""
    touching = cv2.filter2D(mask.astype(np.uint8), -1, np.ones((3, 3)), borderType=cv2.BORDER_CONSTANT)
    return bool((mask & (touching == 1)).any())


def cut(image: Path, mask: np.ndarray[Any, np.dtype[np.bool_]]) -> FeatureRegion:
    """The region alone, so that neither program spends its time on the rest of the picture."""
    box = FeatureRegion.of(mask, mask=mask).box
    return FeatureRegion.of(cv2.imread(str(image), cv2.IMREAD_GRAYSCALE)[box], mask=mask[box])


def other_side(regions: list[FeatureRegion], python: str) -> dict[str, Any]:
    """Version, values and seconds of pyradiomics."""
    arrays = {}
    for k, region in enumerate(regions):
        levels = np.zeros(region.image.shape, np.int32)
        levels[region.box] = region.levels
        arrays |= {f"image_{k}": region.image, f"mask_{k}": region.mask, f"levels_{k}": levels}
    with tempfile.TemporaryDirectory() as folder:
        np.savez(Path(folder) / "regions.npz", **arrays)
        script = Path(__file__).with_name("_pyradiomics_values.py")
        # Isolated, or `import radiomics` over there would find this very file.
        done = subprocess.run(
            [python, "-I", str(script), f"{folder}/regions.npz"], capture_output=True, text=True, check=True
        )
    return json.loads(done.stdout)


def counterparts(values: dict[str, float]) -> dict[str, float]:
    """Values of pyradiomics under our columns; its kurtosis is not in excess of the normal's."""
    found = {
        f"{tag}_{ours}": values[f"{group}_{theirs}"]
        for group, (tag, names) in PAIRS.items()
        for theirs, ours in names.items()
    }
    return found | {name: found[name] - 3.0 for name in ("stat_kurt", "ih_kurt")}


def seconds_of(region: FeatureRegion, names: tuple[str, ...] | None) -> float:
    """Best of three, from pixels to values, discretisation included."""
    best = np.inf
    for _ in range(3):
        start = time.perf_counter()
        feature_row(FeatureRegion(image=region.image, mask=region.mask), names=names)
        best = min(best, time.perf_counter() - start)
    return float(best)


def compare(regions: list[Named], python: str) -> None:
    """Record agreement and the ratio of times."""
    other = other_side([one.region for one in regions], python)
    mine = [feature_row(one.region, names=FAMILIES) for one in regions]
    own = np.array([seconds_of(one.region, FAMILIES) for one in regions])
    ratio = np.array(other["seconds"]) / own
    theirs = pd.DataFrame([counterparts(values) for values in other["values"]])
    ours = pd.DataFrame(mine)[theirs.columns]
    apart = (ours - theirs).abs() / theirs.abs().clip(lower=1e-9)
    lonely = np.array([has_lonely_pixel(one.region.mask) for one in regions])
    apart.loc[lonely, [f"ngt_{name}" for name in TONE.values()]] = np.nan
    rows = []
    for data in dict.fromkeys(one.data for one in regions):
        of = np.array([one.data == data for one in regions])
        groups = np.array([one.group for one in regions])[of]
        faster = bootstrap(lambda at, r=ratio[of]: float(np.median(r[at])), groups)
        for tag, names in PAIRS.values():
            these = apart.loc[of, [f"{tag}_{name}" for name in names.values()]]
            rows.append(
                {
                    "regions": f"{data} ({of.sum()})",
                    "features": f"{tag}_",
                    "compared": these.shape[1],
                    "greatest relative difference": f"{np.nanmax(these):.1e}",
                    "all within 1e-6": "yes" if np.nanmax(these) < 1e-6 else "no",
                    "times as fast (whole set)": faster.text(1),
                }
            )
    record(
        "Texture and shape against pyradiomics",
        rows,
        data="peripheral_blocks (nerve masks), rectus_femoris_gait (between the traced aponeuroses)",
        split="none; nothing is learned",
        kind="public data",
        command="MSKUS_PYRADIOMICS_PYTHON=... python benchmarks/radiomics.py",
        note=f"pyradiomics {other['version'].lstrip('v')}, 32 levels made beforehand, directions averaged. Times are"
        " the best of three; the ratio is the median over regions of the time of pyradiomics over that of mskus,"
        f" discretisation included (mskus: {1e3 * np.median(own):.1f} ms a region); intervals draw whole groups."
        f" {lonely.sum()} region(s) with a pixel that touches no other are left out of `ngt_`. Differences of"
        " definition: see the page on texture.",
    )


def full_set() -> None:
    """Record the time of every family on 256 x 256 pixels."""
    image = cv2.imread(str(data_root() / "muscle/rectus_femoris_gait/images/p1_leg1_f01.png"), cv2.IMREAD_GRAYSCALE)
    region = FeatureRegion.of(image[128:384, 128:384])
    feature_row(region)
    each = {name: seconds_of(region, (name,)) for name in families()}
    rows = [{"family": name, "ms": f"{1e3 * one:.1f}"} for name, one in each.items()]
    rows.append({"family": "all", "ms": f"{1e3 * seconds_of(region, None):.1f}"})
    record(
        "Time of the features",
        rows,
        data="256 x 256 pixels of one rectus_femoris_gait frame, 32 levels",
        split="none",
        kind="public data",
        command="python benchmarks/radiomics.py",
        note="Best of three; every family's time holds the discretisation, which all share when computed together.",
    )


def write_fixture(python: str) -> None:
    """Write down a picture with its region, and what pyradiomics says of it."""
    made = made_region()
    other = other_side([made], python)
    held = {
        "version": other["version"],
        "levels": made.settings.bin_count,
        "distance_px": made.settings.distance_px,
        "picture": [" ".join(str(int(grey)) for grey in row) for row in made.image],
        "mask": ["".join(".#"[int(inside)] for inside in row) for row in made.mask],
        "values": counterparts(other["values"][0]),
    }
    FIXTURE.write_text(json.dumps(held, indent=1) + "\n")


def main() -> None:
    """Compare where pyradiomics is at hand; time in any case."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fixture", action="store_true", help="write the numbers that the tests hold")
    fixture = parser.parse_args().fixture
    python = os.environ.get("MSKUS_PYRADIOMICS_PYTHON", "")
    if fixture and not python:
        raise SystemExit("The tests' numbers come from pyradiomics: name its Python in MSKUS_PYRADIOMICS_PYTHON.")
    if fixture:
        write_fixture(python)
        return
    if python:
        compare(real_regions(), python)
    else:
        print("pyradiomics is not compared: name a Python that has it in MSKUS_PYRADIOMICS_PYTHON.")
    full_set()


if __name__ == "__main__":
    main()
