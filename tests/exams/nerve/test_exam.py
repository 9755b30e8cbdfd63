"""The whole nerve exam: phantoms with a network that answers with the truth, real pictures with the shipped one."""

import numpy as np
import pytest

import mskus
from mskus.clip import Calibration, Clip, Region
from mskus.errors import ExamError
from mskus.exams.nerve import exam as nerve_exam
from mskus.exams.nerve.collect import clip_summary
from mskus.exams.nerve.measure import NAMES
from mskus.exams.nerve.settings import NerveSettings
from mskus.exams.nerve.sighting import Sighting, Thing
from mskus.exams.plane import Plane
from mskus.findings import Findings, Measurement
from mskus.models import card
from mskus.quality import assess_frame
from mskus.segment.nerve_network import NerveMaps
from mskus.simulate.nerve import nerve_scanner, simulate_nerve

SIZE = 256


class Answers:
    """Stands in for the network: gives each frame's maps, in order."""

    def __init__(self, maps, *, distance=0.0):
        self.maps, self.distance, self.next = maps, distance, 0

    def __call__(self, frames, *, name):
        first, self.next = self.next, self.next + len(frames)
        return NerveMaps(np.stack(self.maps[first : self.next]), np.full(len(frames), self.distance))


def soft(mask):
    """A mask at the network's size with an edge as soft as a network's."""
    import cv2

    small = cv2.resize(mask.astype(np.float32), (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    return cv2.GaussianBlur(small, (0, 0), 1.0)


@pytest.fixture
def see(monkeypatch):
    """Examine a clip with a network that sees given masks; ``(nerve, vessel)`` of each frame."""

    def examined(clip, masks, *, strange=("", False), distance=0.0, **settings):
        maps = [np.stack([soft(m) for m in pair]) for pair in masks]
        monkeypatch.setattr(nerve_exam, "nerve_maps", Answers(maps, distance=distance))
        monkeypatch.setattr(nerve_exam, "strangeness", lambda distance, name: strange)
        monkeypatch.setattr(nerve_exam, "content", lambda frame, name: Region(0, 0, *frame.shape[::-1]))
        return mskus.examine(clip, "nerve", **settings)

    return examined


def phantom(size_px=(200, 253), n_frames=1):
    return simulate_nerve(seed=1, n_frames=n_frames, scanner=nerve_scanner(size_px=size_px))


def masks_of(made):
    return [(t.mask(t.nerve), t.mask(t.vessel)) for t in made.truth]


@pytest.mark.parametrize(
    ("too_strange", "refuse", "verdict", "measured"),
    [(False, True, "warn", True), (True, False, "warn", True), (True, True, "fail", False)],
)
def test_a_strange_picture_is_flagged_and_a_very_strange_one_refused(see, too_strange, refuse, verdict, measured):
    made = phantom()
    found = see(made.clip, masks_of(made), strange=("the picture is odd", too_strange), refuse=refuse)
    assert found.quality.verdict == verdict
    assert found.quality.reasons[0] == "the picture is odd"
    areas = [m for m in found.measurements if "cross_sectional_area" in m.name]
    assert all((m.value is not None) == measured for m in areas)
    assert measured or {m.withheld for m in areas} == {"the picture is odd"}


@pytest.mark.parametrize("size_px", [(200, 253), (150, 400)], ids=["square", "unequal"])
def test_values_agree_with_the_phantom(see, size_px):
    made = phantom(size_px)
    found = see(made.clip, masks_of(made))
    for name, true in made.truth[0].measurements.items():
        within = 0.15 if name.endswith(("depth_mm", "edge_mm", "distance_mm")) else 0.04 * true
        (m,) = found.values(name)
        assert m.value == pytest.approx(true, abs=within), name
        assert m.interval[0] <= m.value <= m.interval[1], name
        assert m.unit == ("mm2" if name.endswith("mm2") else "mm" if name.endswith("mm") else "1")


def test_every_value_has_method_and_structures(see):
    made = phantom()
    found = see(made.clip, masks_of(made), region="wrist")
    ids = {s.id for s in found.structures}
    assert ids == {"nerve_1@0", "vessel_1@0"}
    for kind, names in NAMES.items():
        for name in names:
            (m,) = found.values(f"{kind}_1_{name}")
            assert m.method
            assert set(m.structures) <= ids
    assert found.value("nerve_count", 0) == 1.0
    assert (found.grades[0].value, "other regions" in found.grades[0].scale) == ("wrist", True)
    assert Findings.model_validate_json(found.model_dump_json()) == found


def test_without_a_scale_areas_are_pixels_and_say_so(see):
    made = phantom()
    bare = made.clip.with_(calibration=None, pixel_aspect=1.0)
    found = see(bare, masks_of(made))
    (m,) = found.values("nerve_1_cross_sectional_area_px2")
    assert m.unit == "[px]2"
    assert m.value == pytest.approx(made.truth[0].mask(made.truth[0].nerve).sum(), rel=0.02)
    assert not [m for m in found.measurements if m.unit in ("mm", "mm2")]


def test_without_an_aspect_lengths_are_withheld_and_the_area_counts_pixels(see):
    made = phantom()
    found = see(made.clip.with_(calibration=None, pixel_aspect=None), masks_of(made))
    assert found.values("nerve_1_cross_sectional_area_px2")[0].value > 100
    assert "aspect" in found.values("nerve_1_long_diameter_px")[0].withheld


def test_the_scales_error_widens_intervals(see):
    made = phantom()
    scale = made.clip.calibration
    vague = Calibration(
        mm_per_px_row=scale.mm_per_px_row, mm_per_px_col=scale.mm_per_px_col, source="user", relative_error=0.2
    )
    name = "nerve_1_cross_sectional_area_mm2"
    narrow = see(made.clip, masks_of(made)).values(name)[0].interval
    wide = see(made.clip.with_(calibration=vague), masks_of(made)).values(name)[0].interval
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


@pytest.fixture
def own_network(tmp_path, monkeypatch):
    """The name of a network of the user's own, of which only the card is there."""
    shipped = card("nerve")
    own = shipped.model_copy(update={"name": "mine", "files": {}})
    (tmp_path / "mine.card.json").write_text(own.model_dump_json())
    monkeypatch.setenv("MSKUS_MODELS", str(tmp_path))
    return "mine"


def test_outlines_of_another_network_have_no_intervals_and_say_so(see, own_network):
    made = phantom()
    shipped, own = see(made.clip, masks_of(made)), see(made.clip, masks_of(made), network=own_network)
    for name in made.truth[0].measurements:
        (known,), (m,) = shipped.values(name), own.values(name)
        assert m.value == known.value
        assert known.interval is not None
        assert m.interval is None, name
        assert "no interval: how far outlines of this network are off was not measured" in m.flags
        assert not [flag for flag in known.flags if flag.startswith("no interval")]


def test_a_clips_mean_by_another_network_has_no_interval_either(see, own_network, clip_phantom):
    found = see(clip_phantom.clip, masks_of(clip_phantom), network=own_network)
    (own,) = [m for m in found.values("nerve_1_cross_sectional_area_mm2") if m.frame is None]
    assert own.value is not None
    assert own.interval is None


def test_a_network_that_does_not_know_strange_pictures_warns_and_states_no_distance(see):
    made = phantom()
    guarded, found = see(made.clip, masks_of(made)), see(made.clip, masks_of(made), distance=np.nan)
    assert guarded.quality.verdict == "pass"
    assert guarded.quality.scores["distance_from_training"] == 0.0
    assert found.quality.verdict == "warn"
    assert found.quality.reasons[0].startswith("this network was released without what tells pictures unlike those")
    assert "distance_from_training" not in found.quality.scores
    assert found.values("nerve_1_cross_sectional_area_mm2")[0].value is not None
    assert Findings.model_validate_json(found.model_dump_json()) == found


@pytest.fixture(scope="module")
def clip_phantom():
    return simulate_nerve(seed=2, n_frames=24, scanner=nerve_scanner(size_px=(128, 162)))


def test_a_lost_nerve_is_bridged_marked_and_found_again(see, clip_phantom):
    nothing = np.zeros((128, 162), bool)
    pairs = masks_of(clip_phantom)
    lost = [nothing if 8 <= t < 12 else nerve for t, (nerve, _) in enumerate(pairs)]
    found = see(clip_phantom.clip, list(zip(lost, [v for _, v in pairs], strict=True)))
    name = "nerve_1_cross_sectional_area_mm2"
    for t in range(24):
        (m,) = [m for m in found.values(name) if m.frame == t]
        true = clip_phantom.truth[t].measurements[name]
        assert m.value == pytest.approx(true, rel=0.06)
        assert any("loss of 4 frames" in flag for flag in m.flags) == (8 <= t < 12)
        assert found.value("nerve_count", t) == (0.0 if 8 <= t < 12 else 1.0)
    assert not [m for m in found.measurements if m.name.startswith("nerve_2")]
    assert found.value("nerve_1_seen_fraction") == pytest.approx(20 / 24)
    assert found.value("nerve_1_longest_loss_frames") == 4.0
    assert found.value("nerve_1_carried_frames") == 4.0
    assert {s.frame for s in found.structures if s.label == "nerve_1_carried"} == set(range(8, 12))
    assert "not seen" in found.values("nerve_1_echo_intensity_mean")[9].withheld


def test_a_long_loss_is_left_open_and_the_identity_kept(see, clip_phantom):
    nothing = np.zeros((128, 162), bool)
    pairs = [(nothing if 8 <= t < 16 else n, v) for t, (n, v) in enumerate(masks_of(clip_phantom))]
    found = see(clip_phantom.clip, pairs, bridge_frames=3)
    values = {m.frame: m for m in found.values("nerve_1_cross_sectional_area_mm2") if m.frame is not None}
    assert [t for t, m in values.items() if m.value is None] == list(range(8, 16))
    assert all("not seen" in values[t].withheld for t in range(8, 16))
    assert not [m for m in found.measurements if m.name.startswith("nerve_2")]


def test_a_flicker_is_no_nerve(see, clip_phantom):
    pairs = masks_of(clip_phantom)
    spot = np.zeros((128, 162), bool)
    spot[90:110, 10:40] = True
    flicker = [(n | spot if t in (5, 14) else n, v) for t, (n, v) in enumerate(pairs)]
    assert {s.label for s in see(clip_phantom.clip, flicker).structures} == {"nerve_1", "vessel_1"}


def test_a_clips_value_is_the_mean_of_the_frames_in_which_it_was_seen(see, clip_phantom):
    found = see(clip_phantom.clip, masks_of(clip_phantom))
    name = "nerve_1_depth_mm"
    framed = [m.value for m in found.values(name) if m.frame is not None]
    (own,) = [m for m in found.values(name) if m.frame is None]
    assert own.value == pytest.approx(np.mean(framed))
    assert own.interval[0] < own.value < own.interval[1]


def test_of_a_refused_clip_nothing_is_counted(see, clip_phantom):
    found = see(clip_phantom.clip, masks_of(clip_phantom), strange=("the picture is odd", True))
    assert {(m.value, m.withheld) for m in found.measurements} == {(None, "the picture is odd")}
    assert found.values("nerve_1_seen_fraction")


def test_stiffness_asked_of_a_grey_picture_is_withheld_with_the_reason(see):
    made = phantom()
    found = see(made.clip, masks_of(made), stiffness={"low": 0, "high": 300})
    (m,) = found.values("nerve_1_stiffness_mean_kpa")
    assert (m.value, m.withheld) == (None, "the picture is grey: there is no elastogram in it")


@pytest.mark.parametrize(
    ("name", "ends", "known"),
    [
        ("hypoechoic_fraction", [(0.8, 0.9, 1.0), (0.8, 0.9, 1.0), (0.9, 1.0, 1.0)], (0.8 + 1 / 30, 1.0)),
        ("cross_sectional_area_mm2", [(5.0, 10.0, 20.0), (5.0, 10.0, 20.0), (0.5, 1.0, 2.0)], (3.5, 14.0)),
    ],
)
def test_a_clips_interval_stays_possible(name, ends, known):
    framed = {
        t: [Measurement(name=f"nerve_1_{name}", value=value, interval=(low, high), unit="1", frame=t)]
        for t, (low, value, high) in enumerate(ends)
    }
    sighting = Sighting(np.zeros((3, 2)), 1.0, 0.0, False)
    thing = Thing("nerve_1", "nerve", dict.fromkeys(framed, sighting))
    plane = Plane(Region(0, 0, 9, 9), (1.0, 1.0), "mm", 0.0)
    (m,) = [m for m in clip_summary(thing, framed, plane, n_frames=3) if m.name == f"nerve_1_{name}"]
    assert m.interval == pytest.approx(known)


def test_nothing_found_is_said(see):
    made = phantom()
    nothing = np.zeros((200, 253), bool)
    found = see(made.clip, [(nothing, nothing)])
    assert found.values("nerve_1_cross_sectional_area_mm2")[0].withheld == "no nerve was found"
    assert found.values("vessel_1_depth_mm")[0].withheld == "no vessel was found"
    assert found.structures == []


@pytest.mark.parametrize("kind", ["black", "flat", "noise"])
@pytest.mark.parametrize("n_frames", [1, 3])
def test_a_picture_without_tissue_is_refused(kind, n_frames):
    rng = np.random.default_rng(0)
    luma = {
        "black": np.zeros((n_frames, 120, 160), np.uint8),
        "flat": np.full((n_frames, 120, 160), 128, np.uint8),
        "noise": rng.integers(0, 256, (n_frames, 120, 160)).astype(np.uint8),
    }[kind]
    found = mskus.examine(Clip(luma=luma, pixel_aspect=1.0), "nerve")
    assert found.quality.verdict == "fail"
    assert all(m.value is None and m.withheld for m in found.measurements if "_1_" in m.name)


def test_one_pixel_is_examined():
    found = mskus.examine(Clip(luma=np.full((1, 1, 1), 9, np.uint8)), "nerve")
    assert all(m.value is None for m in found.measurements if "_1_" in m.name)


def test_settings_are_checked_in_a_sentence():
    clip = Clip(luma=np.zeros((1, 8, 8), np.uint8))
    with pytest.raises(ExamError, match=r"'region' of the nerve exam.*'elbow'"):
        mskus.examine(clip, "nerve", region="knee")
    with pytest.raises(ExamError, match="'foo' of the nerve exam: there is no such setting"):
        mskus.examine(clip, "nerve", foo=1)
    with pytest.raises(ExamError, match="'threshold'"):
        mskus.examine(clip, "nerve", threshold=2.0)
    with pytest.raises(mskus.errors.MskusError, match="no network 'heart'"):
        mskus.examine(clip, "nerve", network="heart")


def test_the_shipped_network_finds_nerves_and_vessels_in_real_pictures(mskus_data):
    """Areas found against areas drawn by hand, in pictures that the network learned from: does it run as trained?"""
    import cv2

    root = mskus_data / "nerve" / "peripheral_blocks"
    ratios = []
    for number in (0, 20, 60, 120, 150):
        found = mskus.examine(mskus.read(root / f"images/{number:04d}.png"), "nerve", refuse=False)
        hand = cv2.imread(str(root / f"masks/{number:04d}.png"), cv2.IMREAD_UNCHANGED)
        areas = [m.value for m in found.measurements if m.name.startswith("nerve") and "_area_" in m.name and m.value]
        ratios.append(sum(areas) / np.count_nonzero(hand == 1))
    assert 0.6 < np.median(ratios) < 1.6


def test_black_frames_do_not_make_a_clip_strange(monkeypatch):
    good, black = (
        assess_frame(np.asarray(frame)) for frame in (phantom().clip.frame(0), np.zeros((200, 253), np.uint8))
    )
    looks = [nerve_exam._Look({}, good, 5.0)] + [nerve_exam._Look({}, black, 60.0)] * 3
    monkeypatch.setattr(nerve_exam, "strangeness", lambda distance, name: ("strange" * (distance > 30), distance > 30))
    quality, reasons = nerve_exam._judged(looks, NerveSettings())
    assert quality.scores["distance_from_training"] == 5.0
    assert reasons[0] == ""
    assert all(reason and reason != "strange" for reason in reasons[1:])
