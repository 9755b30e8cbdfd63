"""From detections to numbered things."""

import numpy as np

from mskus.exams.nerve.settings import NerveSettings
from mskus.exams.nerve.sighting import things_of
from mskus.segment.outlines import Outline


def outline(x, y, radius):
    t = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    return Outline(np.stack([x + radius * np.cos(t), y + radius * np.sin(t)], axis=1), 0.9, 0.4, False)


def things(frames, **settings):
    return things_of(frames, kind="nerve", chosen=NerveSettings(**settings))


def centre(sighting):
    return tuple(sighting.points.mean(axis=0).round().astype(int).tolist())


def test_in_a_still_the_largest_is_first():
    found = things([[outline(50, 50, 20), outline(120, 60, 10)]])
    assert [(t.name, centre(t.sightings[0])) for t in found] == [("nerve_1", (50, 50)), ("nerve_2", (120, 60))]


def test_in_a_clip_the_longest_seen_is_first():
    frames = [[outline(50, 50, 20)] * (t < 10) + [outline(120, 60, 10)] for t in range(20)]
    assert [centre(t.sightings[5]) for t in things(frames)] == [(120, 60), (50, 50)]


def test_without_tracking_no_identity_is_claimed():
    frames = [[outline(50, 50, 20), outline(120, 60, 10)], [outline(120, 60, 15), outline(50, 50, 9)]]
    first, _ = things(frames, track=False)
    assert [centre(first.sightings[t]) for t in (0, 1)] == [(50, 50), (120, 60)]


def test_how_often_a_thing_must_be_seen():
    frames = [[outline(50, 50, 20)] + [outline(120, 60, 10)] * (10 <= t < 14) for t in range(100)]
    assert len(things(frames)) == 1
    assert len(things(frames, least_seen=0.03)) == 2


def test_nothing_is_carried_over_to_where_another_is_seen():
    # one nerve is seen as two halves, then for four frames as a whole
    halves = [outline(50, 50, 10), outline(75, 50, 10)]
    frames = [[outline(62, 50, 24)] if 10 <= t < 14 else halves for t in range(30)]
    found = things(frames, least_seen=0.1)
    carried = {t: s for thing in found for t, s in thing.sightings.items() if s.gap_frames}
    seen = [sum(t in thing.seen for thing in found) for t in range(30)]
    assert seen == [1 if 10 <= t < 14 else 2 for t in range(30)]
    assert carried == {}


def test_nothing_is_nothing():
    assert things([[]]) == []
    assert things([[], [], []]) == []


def test_of_two_or_three_frames_half_are_enough_and_a_sweep_may_count_all():
    seen, none = [outline(50, 50, 20)], []
    assert [len(things(frames)) for frames in ([seen, none], [seen, seen, none], [seen, none, none])] == [1, 1, 0]
    assert len(things([none, none, seen, none, none, none, none], least_seen=0)) == 1
