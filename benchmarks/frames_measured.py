"""How many real frames are measured without abstention, set by set and device by device (public data)."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pandas as pd

import mskus
from _results import data_root, record

EVERY = 3  # every third picture, so that it takes minutes


def pictures() -> pd.DataFrame:
    """Path, set and known scale of every longitudinal muscle picture; the lower limb's double ones once."""
    root = data_root() / "muscle"
    readings = pd.read_csv(root / "architecture_readings" / "readings.csv").drop_duplicates("image")
    gait = pd.read_csv(root / "rectus_femoris_gait" / "manifest.csv")
    limb = pd.read_csv(root / "lower_limb_masks" / "manifest.csv")
    rows: list[dict[str, Any]] = []
    for row in readings.itertuples():
        path = root / "architecture_readings" / row.image
        rows.append({"path": path, "set": f"readings, {row.muscle.replace('_', ' ')}", "scale": row.mm_per_px})
    for row in gait.itertuples():
        scale = (row.mm_per_px_row, row.mm_per_px_col)
        rows.append({"path": root / "rectus_femoris_gait" / row.image, "set": "rectus femoris gait", "scale": scale})
    for row in limb.itertuples():
        label = f"lower limb, {row.device_family}"
        rows.append({"path": root / "lower_limb_masks" / row.image, "set": label, "scale": None})
    return pd.DataFrame(rows)


def main() -> None:
    """Examine every picture on its own and count what is withheld, with the reasons."""
    counts: dict[str, Counter[str]] = {}
    reasons: dict[str, Counter[str]] = {}
    for row in pictures().iloc[::EVERY].to_dict("records"):
        known = row["scale"] is not None and row["scale"] == row["scale"]
        clip = mskus.read(row["path"], **({"mm_per_px": row["scale"]} if known else {}))
        findings = mskus.examine(clip, "muscle")
        count = counts.setdefault(row["set"], Counter())
        count["pictures"] += 1
        named = {m.name.removesuffix("_mm").removesuffix("_px"): m for m in findings.measurements if m.frame == 0}
        for name in ("muscle_thickness_mean", "pennation_angle_deg", "fascicle_length"):
            count[name] += named[name].value is not None
            if named[name].withheld:
                reasons.setdefault(row["set"], Counter())[named[name].withheld.split(" (")[0]] += 1
    total = sum(counts.values(), Counter())
    rows = []
    for label, count in [*sorted(counts.items()), ("all", total)]:
        share = {k: f"{100 * v / count['pictures']:.1f} %" for k, v in count.items() if k != "pictures"}
        why = ", ".join(f"{k} ({v})" for k, v in reasons.get(label, Counter()).most_common(2))
        rows.append({"set": label, "pictures": count["pictures"], **share, "withheld because (values)": why})
    record(
        "Frames measured without abstention",
        rows,
        data="muscle/architecture_readings (CC0), rectus_femoris_gait (CC0), lower_limb_masks (Apache-2.0)",
        split="every third picture: how many are measured, not how well; "
        "the aponeurosis network was trained on the last two sets",
        kind="public data",
        command="python benchmarks/frames_measured.py",
        note="Goal: at least 95 %. Every picture on its own; a clip would lend a weak frame its neighbours' help.",
    )


if __name__ == "__main__":
    main()
