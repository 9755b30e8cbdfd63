"""The check of a data set before anything is learned from it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mskus.errors import LearnError
from mskus.learn.dataset.displaced import Sitting, brightness_test
from mskus.learn.dataset.survey import Seen, survey
from mskus.learn.manifest import Case
from mskus.learn.near_duplicates import Pair, groups_of_pairs, near_duplicates
from mskus.learn.split_guard import leaks_across

if TYPE_CHECKING:
    import pandas as pd

# A pixel of a musculoskeletal picture in mm; finer or coarser than any probe gives is a slip of the pen.
_SPACING_MM = (0.01, 0.6)
_STRETCHED = 2.0


@dataclass(frozen=True, kw_only=True)
class Remark:
    """One thing found.

    Attributes:
        kind: in a few words, the same for like remarks.
        text: one sentence.
        rows: rows of the manifest, from 1; empty where it is about the set.
        problem: whether it has to be mended before training; else it is good to know.
    """

    kind: str
    text: str
    rows: tuple[int, ...] = ()
    problem: bool = True


@dataclass(frozen=True, kw_only=True, eq=False)
class Checked:
    """What the check found.

    Attributes:
        seen: every row.
        classes: names with mask values.
        remarks: problems first.
        sittings: of the brightness test, by row number (from 0) and mask value.
        groups: near-duplicate group of every row.
    """

    seen: Sequence[Seen]
    classes: Mapping[str, int]
    remarks: Sequence[Remark]
    sittings: Mapping[tuple[int, int], Sitting]
    groups: Sequence[int]

    @property
    def problems(self) -> list[Remark]:
        """Remarks that have to be mended."""
        return [r for r in self.remarks if r.problem]

    def to_frame(self) -> pd.DataFrame:
        """One row a row of the manifest: size, scale, areas, brightness test, near-duplicates and remarks."""
        import pandas as pd

        said = defaultdict(list)
        for remark in self.remarks:
            for number in remark.rows:
                said[number].append(remark.kind)
        rows = []
        for n, s in enumerate(self.seen):
            row: dict[str, Any] = {"row": n + 1, "image": str(s.case.image), "frame": s.case.frame}
            row |= {"patient": s.case.patient, "device": s.case.device, "height_px": s.size[0], "width_px": s.size[1]}
            row |= dict(zip(("spacing_row_mm", "spacing_col_mm"), s.spacing_mm or (None, None), strict=True))
            for name, value in self.classes.items():
                sitting = self.sittings.get((n, value))
                row[f"area_px_{name}"] = s.areas.get(value, 0) if s.case.mask is not None and not s.fault else None
                row[f"contrast_{name}"] = None if sitting is None else round(sitting.contrast, 3)
                row[f"beaten_share_{name}"] = None if sitting is None else round(sitting.beaten, 4)
            row |= {"burned_in_marks": s.marks, "near_duplicate_group": self.groups[n]}
            rows.append(row | {"remarks": "; ".join(dict.fromkeys(said[n + 1])), "fault": s.fault})
        return pd.DataFrame(rows)


def check_dataset(
    cases: Sequence[Case],
    *,
    classes: Mapping[str, int] | None = None,
    split: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Checked:
    """Look at every picture and mask, and say what would spoil a training.

    Problems: files that cannot be read, masks of another size, constant pictures, mask values without a class, masks
    that do not sit on their image, the same picture twice, near-duplicates under two patients, patients or
    near-duplicates on both sides of a split, a scale that no scanner has or that differs within a device and size,
    burned-in marks that go with a class. Good to know: empty masks, rows without mask, unknown scale, devices with
    several scales, several sizes, burned-in marks.

    Args:
        cases: of :func:`mskus.learn.manifest.read_manifest` with ``check_files=False``.
        classes: names with mask values; without them every value is its own class.
        split: column that says the side of a split.
        progress: told rows done and rows in all.

    Raises:
        LearnError: if there is no case, or no row has the column of the split.
    """
    if not cases:
        raise LearnError("There is nothing to check: the manifest has no rows.")
    if split is not None and not any(split in c.row for c in cases):
        raise LearnError(f"The manifest has no column {split!r} for the split; its columns are {_columns(cases)}.")
    seen = survey(cases, progress=progress)
    known = [n for n, s in enumerate(seen) if not s.fault]
    if classes is None:
        classes = {str(value): value for value in sorted({v for s in seen for v in s.areas})}
    pairs = [
        Pair(known[p.first], known[p.second], p.correlation, p.mirrored)
        for p in near_duplicates([seen[n].small for n in known])
    ]
    sittings: dict[tuple[int, int], Sitting] = {}
    remarks = [
        *_files(seen),
        *_masks(seen, classes),
        *_brightness(seen, classes, sittings),
        *_copies(seen, pairs),
        *_leaks(seen, pairs, split),
        *_scales(seen),
        *_marks(seen, classes),
    ]
    return Checked(
        seen=seen,
        classes=classes,
        remarks=sorted(remarks, key=lambda r: not r.problem),
        sittings=sittings,
        groups=groups_of_pairs(pairs, count=len(seen)).tolist(),
    )


def _columns(cases: Sequence[Case]) -> str:
    return ", ".join(dict.fromkeys(name for c in cases for name in c.row))


def _files(seen: Sequence[Seen]) -> Iterator[Remark]:
    for n, s in enumerate(seen, start=1):
        if s.fault:
            yield Remark(kind="cannot be used", text=s.fault, rows=(n,))
        elif s.constant:
            yield Remark(kind="constant picture", text=f"{s.case.image} has one grey level.", rows=(n,))
    sizes = Counter(s.size for s in seen if not s.fault)
    if len(sizes) > 1:
        most = ", ".join(f"{w} x {h} ({count})" for (h, w), count in sizes.most_common(4))
        yield Remark(kind="several sizes", text=f"Pictures have {len(sizes)} sizes: {most}.", problem=False)


def _masks(seen: Sequence[Seen], classes: Mapping[str, int]) -> Iterator[Remark]:
    unknown: dict[int, list[int]] = defaultdict(list)
    for n, s in enumerate(seen, start=1):
        for value in sorted(set(s.areas) - set(classes.values())):
            unknown[value].append(n)
    for value, rows in unknown.items():
        text = f"Mask value {value} in {len(rows)} mask(s) belongs to no class; name it with --classes or redraw."
        yield Remark(kind="unknown class", text=text, rows=tuple(rows))
    for name, value in classes.items():
        if not any(value in s.areas for s in seen):
            yield Remark(kind="class never drawn", text=f"No mask holds {name} (value {value}).")
    empty = _rows(seen, lambda s: s.case.mask is not None and not s.areas)
    if empty:
        yield Remark(kind="empty mask", text=f"{len(empty)} mask(s) are empty.", rows=empty, problem=False)
    without = _rows(seen, lambda s: s.case.mask is None)
    if without:
        yield Remark(kind="no mask", text=f"{len(without)} row(s) name no mask.", rows=without, problem=False)


def _rows(seen: Sequence[Seen], wanted: Callable[[Seen], bool]) -> tuple[int, ...]:
    return tuple(n for n, s in enumerate(seen, start=1) if not s.fault and wanted(s))


def _brightness(
    seen: Sequence[Seen], classes: Mapping[str, int], sittings: dict[tuple[int, int], Sitting]
) -> Iterator[Remark]:
    for name, value in classes.items():
        rows = [n for n, s in enumerate(seen) if value in s.contrasts]
        answer = brightness_test([seen[n].contrasts[value] for n in rows])
        sittings |= {(n, value): sitting for n, sitting in zip(rows, answer.sittings, strict=True)}
        if rows and not answer.tells:
            why = (
                "fewer than eight masks" if len(rows) < 8 else "it is neither brighter nor darker than its surroundings"
            )
            yield Remark(kind="brightness does not tell", text=f"Displaced {name}: not judged, {why}.", problem=False)
        for n, sitting in zip(rows, answer.sittings, strict=True):
            if sitting.displaced:
                dx, dy = sitting.shift_px
                text = (
                    f"{name} of {seen[n].case.mask} may not sit on its image: {100 * sitting.beaten:.0f} % of shifts"
                    f" fit better, the best of them by ({dx:+.0f}, {dy:+.0f}) px."
                )
                yield Remark(kind="displaced mask", text=text, rows=(n + 1,))


def _copies(seen: Sequence[Seen], pairs: Sequence[Pair]) -> Iterator[Remark]:
    same: dict[str, list[int]] = defaultdict(list)
    for n, s in enumerate(seen, start=1):
        if s.digest:
            same[s.digest].append(n)
    for rows in same.values():
        # one picture may stand in several rows, one for each mask value; two files of the same pixels may not
        if len({(seen[n - 1].case.image, seen[n - 1].case.frame) for n in rows}) > 1:
            text = "The same pixels: " + ", ".join(str(seen[n - 1].case.image) for n in rows[:4])
            apart = len({seen[n - 1].case.patient for n in rows}) > 1
            differ = len({tuple(sorted(seen[n - 1].areas.items())) for n in rows}) > 1
            text += ", with different masks" * differ + ", of several patients" * apart + "."
            yield Remark(kind="same picture twice", text=text, rows=tuple(rows), problem=apart or differ)
    for p in pairs:
        one, other = seen[p.first], seen[p.second]
        if one.case.patient != other.case.patient and one.digest != other.digest:
            how = "mirrored, " if p.mirrored else ""
            text = (
                f"{one.case.image} and {other.case.image} show the same ({how}correlation {p.correlation:.2f})"
                " but count as two patients; a split by patient would leak."
            )
            yield Remark(kind="near-duplicate of another patient", text=text, rows=(p.first + 1, p.second + 1))


def _leaks(seen: Sequence[Seen], pairs: Sequence[Pair], split: str | None) -> Iterator[Remark]:
    if split is None:
        return
    side = [s.case.row.get(split) for s in seen]
    for leak in leaks_across([s.case for s in seen], side, pairs):
        yield Remark(kind=leak.kind, text=leak.text, rows=leak.rows)


def _scales(seen: Sequence[Seen]) -> Iterator[Remark]:
    unknown = _rows(seen, lambda s: s.spacing_mm is None)
    if unknown:
        text = f"The scale of {len(unknown)} picture(s) is unknown; lengths will be in pixels."
        yield Remark(kind="unknown scale", text=text, rows=unknown, problem=False)
    low, high = _SPACING_MM
    scales: dict[str, set[tuple[float, float]]] = defaultdict(set)
    for n, s in enumerate(seen, start=1):
        if s.spacing_mm is None:
            continue
        row_mm, col_mm = s.spacing_mm
        scales[s.case.device].add((round(row_mm, 4), round(col_mm, 4)))
        if not all(np.isfinite(mm) and low <= mm <= high for mm in s.spacing_mm):
            text = f"{s.case.image}: {row_mm:g} x {col_mm:g} mm is no pixel of such a picture; check the unit."
            yield Remark(kind="impossible scale", text=text, rows=(n,))
        elif max(row_mm / col_mm, col_mm / row_mm) > _STRETCHED:
            text = f"{s.case.image}: {row_mm:g} x {col_mm:g} mm is stretched more than twofold; check row and column."
            yield Remark(kind="impossible scale", text=text, rows=(n,))
    for device, found in scales.items():
        if len(found) > 1:
            of = f"Device {device}" if device else "The set"
            text = f"{of} has {len(found)} scales (depth settings, or a slip)."
            yield Remark(kind="several scales", text=text, problem=False)


def _marks(seen: Sequence[Seen], classes: Mapping[str, int]) -> Iterator[Remark]:
    from scipy.stats import fisher_exact

    marked = _rows(seen, lambda s: s.marks > 0)
    if not marked:
        return
    text = f"{len(marked)} picture(s) have marks burned in (calipers, text, lines); a learner may read them."
    yield Remark(kind="burned-in marks", text=text, rows=marked, problem=False)
    drawn = [s for s in seen if not s.fault and s.case.mask is not None]
    for name, value in classes.items():
        table = np.zeros((2, 2), int)
        for s in drawn:
            table[int(value in s.areas), int(s.marks > 0)] += 1
        p = float(fisher_exact(table).pvalue)
        if p < 0.01 / len(classes):
            text = (
                f"Marks go with {name}: {table[1, 1]} of {table[1].sum()} pictures with it are marked, {table[0, 1]} of"
                f" {table[0].sum()} without (Fisher's exact test, p = {p:.1g})."
            )
            yield Remark(kind="marks that give the class away", text=text)
