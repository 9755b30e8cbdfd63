"""What a measurement is called, how many digits it deserves and where its definition comes from."""

from __future__ import annotations

import re
from dataclasses import dataclass

_UNIT_SUFFIX = re.compile(r"_(mm2|cm2|mm|px2|px|deg|per_m|m_s|s|hz|kpa)$")
_WHOSE = re.compile(r"^(nerve|vessel)_(\d+)_")
_UNIT_TEXT = {"deg": "°", "mm2": "mm²", "cm2": "cm²", "[px]": "px", "[px]2": "px²", "1": "", "/m": "1/m", "m-1": "1/m"}
_DECIMALS = {"deg": 1, "mm": 1, "mm2": 0, "cm2": 2, "[px]": 0, "[px]2": 0, "1": 2, "/m": 2, "m-1": 2}

_VAN_DER_ZEE = "van der Zee & Kuo 2022, PLoS ONE 17:e0265752"
_NARICI = "Narici et al. 1996, J Physiol 496:287-297"
_FRANCHI = "Franchi et al. 2018, Ultrasound Med Biol 44:2492-2504"
_PILLEN = "Pillen et al. 2008, Muscle Nerve 37:679-693"
_BOOM = "Boom & Visser 2012, Clin Neurophysiol 123:1446-1453"


@dataclass(frozen=True, kw_only=True)
class Term:
    """How one measurement is shown to a reader.

    Attributes:
        label: the field's term in words.
        unit: the unit as printed (``"mm"``, ``"°"``); empty for a pure number.
        decimals: digits after the point that the measurement deserves.
        short: the label for a narrow column.
        definition: one sentence that says what is measured.
        source: the paper that the definition follows; empty if it is the project's own.
    """

    label: str
    unit: str
    decimals: int
    short: str = ""
    definition: str = ""
    source: str = ""

    def show(self, value: float) -> str:
        """The value with its unit, e.g. ``"17.3 mm"`` or ``"14.2°"``."""
        number = f"{value:.{self.decimals}f}"
        return f"{number}{'' if self.unit in ('', '°') else ' '}{self.unit}"

    def show_interval(self, interval: tuple[float, float]) -> str:
        """The 95 % interval without unit, e.g. ``"16.8 to 17.9"``."""
        low, high = interval
        return f"{low:.{self.decimals}f} to {high:.{self.decimals}f}"


_KNOWN: dict[str, tuple[str, str, str]] = {
    "muscle_thickness_mean": (
        "Muscle thickness",
        "Mean perpendicular distance between the inner edges of the two aponeuroses, 19 places over their common span.",
        _FRANCHI,
    ),
    "muscle_thickness_25": ("Muscle thickness at 25 %", "The same at 25 % of the common span.", _FRANCHI),
    "muscle_thickness_50": ("Muscle thickness at 50 %", "The same at the middle of the common span.", _FRANCHI),
    "muscle_thickness_75": ("Muscle thickness at 75 %", "The same at 75 % of the common span.", _FRANCHI),
    "skin_and_fat_thickness": (
        "Skin and fat thickness",
        "From the picture's top to the upper edge of the superficial aponeurosis.",
        "",
    ),
    "pennation_angle": (
        "Pennation angle",
        "Angle between the fascicles of the central belly and the superficial aponeurosis.",
        _NARICI,
    ),
    "pennation_angle_superficial": (
        "Pennation to superficial aponeurosis",
        "Angle between the fascicles of the central belly and the superficial aponeurosis.",
        _NARICI,
    ),
    "pennation_angle_deep": (
        "Pennation to deep aponeurosis",
        "Angle between the fascicles of the central belly and the deep aponeurosis.",
        _NARICI,
    ),
    "fascicle_angle": (
        "Fascicle angle to the horizontal",
        "Mean (axial) orientation of the fascicle field over the central belly; positive rises to the right.",
        _VAN_DER_ZEE,
    ),
    "superficial_aponeurosis_angle": (
        "Superficial aponeurosis to the horizontal",
        "Angle of the least-squares line of the inner edge over the common span; positive rises to the right.",
        _VAN_DER_ZEE,
    ),
    "deep_aponeurosis_angle": (
        "Deep aponeurosis to the horizontal",
        "Angle of the least-squares line of the inner edge over the common span; positive rises to the right.",
        _VAN_DER_ZEE,
    ),
    "fascicle_length": (
        "Fascicle length (curved)",
        "Arc length along the orientation field from one aponeurosis to the other, extended beyond the picture.",
        _FRANCHI,
    ),
    "fascicle_length_straight": (
        "Fascicle length (straight)",
        "The same along a straight line at the frame's fascicle angle.",
        _FRANCHI,
    ),
    "fascicle_length_trigonometric": (
        "Fascicle length (trigonometric)",
        "Thickness at 50 % divided by the sine of the pennation angle.",
        _VAN_DER_ZEE,
    ),
    "fascicle_curvature": ("Fascicle curvature", "Mean curvature of the streamlines behind the curved length.", ""),
    "echo_intensity_mean": (
        "Echo intensity, mean",
        "Mean grey level (0 to 255) of the belly or of the user's region.",
        _PILLEN,
    ),
    "echo_intensity_sd": ("Echo intensity, SD", "Standard deviation of the same grey levels.", _PILLEN),
    **{
        f"echo_intensity_p{p}": (
            f"Echo intensity, {p}th percentile",
            f"Grey level that {p} % of the pixels do not exceed.",
            "",
        )
        for p in (5, 25, 75, 95)
    },
    "echo_intensity_p50": ("Echo intensity, median", "Grey level that half of the pixels do not exceed.", ""),
    "cross_sectional_area": ("Cross-sectional area", "Area inside the outline that the user gave.", ""),
}
_OF_A_THING: dict[str, tuple[str, str, str]] = {
    "cross_sectional_area": ("area", "Area inside the outline.", ""),
    "perimeter": ("perimeter", "Length of the outline.", ""),
    "circularity": ("circularity", "4π area over perimeter squared: 1 for a circle.", ""),
    "long_diameter": ("long diameter", "Long axis of the ellipse with the outline's area moments.", ""),
    "short_diameter": ("short diameter", "Short axis of the ellipse with the outline's area moments.", ""),
    "depth": ("depth", "From the picture's top to the centre of the area.", ""),
    "depth_upper_edge": ("depth of upper edge", "From the picture's top to the uppermost point of the outline.", ""),
    "echo_intensity_mean": ("echo intensity", "Mean grey level (0 to 255) inside the outline.", ""),
    "hypoechoic_fraction": (
        "hypoechoic fraction",
        "Share of the nerve's pixels at or below their maximum-entropy threshold.",
        _BOOM,
    ),
    "vessel_distance": ("distance to vessel", "Least distance between the outlines of nerve and nearest vessel.", ""),
    "stiffness_mean": ("mean stiffness", "Mean of the elastogram inside the outline.", ""),
    "confidence": ("confidence", "Mean probability that the network gives to what is inside the outline.", ""),
    "seen_fraction": ("seen in", "Share of the frames in which it was detected.", ""),
    "longest_loss_frames": ("longest loss (frames)", "Longest run of frames in which it was not detected.", ""),
    "carried_frames": ("carried over (frames)", "Frames in which a short loss was bridged.", ""),
}

_SHORT = {
    "muscle_thickness_mean": "Thickness",
    "pennation_angle": "Pennation",
    "fascicle_length": "Fascicle",
    "fascicle_length_trigonometric": "Fasc. trig.",
    "skin_and_fat_thickness": "Skin, fat",
    "cross_sectional_area": "Area",
    "echo_intensity_mean": "Echo",
}

_NERVE_HEADLINES = (
    "cross_sectional_area",
    "long_diameter",
    "short_diameter",
    "depth",
    "echo_intensity_mean",
    "hypoechoic_fraction",
    "stiffness_mean",
)
_HEADLINES: dict[str, tuple[str, ...]] = {
    "muscle": (
        "muscle_thickness_mean",
        "pennation_angle",
        "fascicle_length",
        "fascicle_length_trigonometric",
        "skin_and_fat_thickness",
        "cross_sectional_area",
        "echo_intensity_mean",
    ),
    "nerve": (
        *(f"nerve_1_{name}" for name in _NERVE_HEADLINES),
        *(f"nerve_2_{name}" for name in ("cross_sectional_area", "depth", "hypoechoic_fraction")),
        *(f"nerve_{i}_cross_sectional_area" for i in (3, 4, 5)),
        *(f"vessel_{i}_cross_sectional_area" for i in (1, 2)),
    ),
}


def stem(name: str) -> str:
    """The name without its unit, so that mm and pixel versions of a measurement share one term.

    Example:
        >>> stem("fascicle_length_mm"), stem("fascicle_curvature_per_m")
        ('fascicle_length', 'fascicle_curvature')
    """
    return _UNIT_SUFFIX.sub("", name)


def term(name: str, unit: str = "") -> Term:
    """The term for a measurement's name and UCUM unit; an unknown name is put into words.

    Args:
        name: the measurement's name, e.g. ``"pennation_angle_deg"``.
        unit: its UCUM unit, e.g. ``"deg"``.

    Returns:
        label, printed unit, decimals, definition and source.

    Example:
        >>> term("pennation_angle_deg", "deg").show(14.23)
        '14.2°'
        >>> term("tendon_gap_mm", "mm").label
        'Tendon gap'
    """
    label, definition, source = _words(stem(name))
    decimals = 0 if "echo_intensity" in name else _DECIMALS.get(unit, 2)
    if _WHOSE.match(name):
        # nerves are small: whole square millimetres are too coarse, their frames are whole
        decimals = {"mm2": 1}.get(unit, 0 if name.endswith("_frames") else decimals)
    return Term(
        label=label,
        short=_SHORT.get(stem(name), label),
        unit=_UNIT_TEXT.get(unit, unit),
        decimals=decimals,
        definition=definition,
        source=source,
    )


def _words(name: str) -> tuple[str, str, str]:
    """Label, definition and source of a name without unit; that of a nerve or vessel begins with which one."""
    whose = _WHOSE.match(name)
    if whose is None:
        return _KNOWN.get(name, (name.replace("_", " ").capitalize(), "", ""))
    rest = name[whose.end() :]
    label, definition, source = _OF_A_THING.get(rest, (rest.replace("_", " "), "", ""))
    return f"{whose[1].capitalize()} {whose[2]}: {label}", definition, source


def headline_stems(exam: str) -> tuple[str, ...]:
    """Names (without unit) of what a reader of this exam wants first; empty if the exam names none."""
    return _HEADLINES.get(exam, ())
