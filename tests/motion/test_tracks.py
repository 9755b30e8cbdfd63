"""Who is who over time: crossing-free motion, losses, newcomers."""

import numpy as np
import pytest

from mskus.errors import MskusError
from mskus.motion.tracks import box_iou, follow

NONE = np.empty((0, 4))


def box(x, y, side=20.0):
    return [x - side / 2, y - side / 2, x + side / 2, y + side / 2]


def test_two_things_keep_their_identity_whatever_their_order():
    frames = []
    for t in range(30):
        pair = [box(30 + 2 * t, 40), box(150 - t, 80)]
        frames.append(np.array(pair if t % 2 else pair[::-1]))
    tracks = follow(frames)
    assert [len(track.seen) for track in tracks] == [30, 30]
    assert {track.seen[0] for track in tracks} == {0, 1}
    for track in tracks:
        first = track.seen[0]
        assert all(number == (first if t % 2 == 0 else 1 - first) for t, number in track.seen.items())


@pytest.mark.parametrize("loss", [1, 5, 8])
def test_a_moving_thing_is_found_again_after_a_loss(loss):
    frames = [np.array([box(40 + 3 * t, 50)]) if not 10 <= t < 10 + loss else NONE for t in range(40)]
    (track,) = follow(frames, patience=8)
    assert sorted(track.seen) == [t for t in range(40) if not 10 <= t < 10 + loss]


def test_after_a_long_loss_it_is_the_same_where_it_was_left_and_another_elsewhere():
    def frames(back_at):
        return [np.array([box(50, 50)])] * 10 + [NONE] * 30 + [np.array([box(back_at, 50)])] * 10

    assert len(follow(frames(52), patience=4, memory=60)) == 1
    assert len(follow(frames(120), patience=4, memory=60)) == 2
    assert len(follow(frames(52), patience=4, memory=20)) == 2


def test_a_lost_thing_comes_back_a_little_off_but_not_at_twice_the_size():
    def frames(side):
        return [np.array([box(50, 50)])] * 10 + [NONE] * 12 + [np.array([box(75, 50, side)])] * 5

    assert len(follow(frames(22.0))) == 1
    assert len(follow(frames(40.0))) == 2


def test_a_neighbour_that_appears_while_a_thing_is_seen_is_not_taken_for_it():
    frames = [np.array([box(50, 50)])] * 5 + [np.array([box(70, 50)])] + [np.array([box(50, 50), box(71, 50)])] * 5
    assert len(follow(frames)) == 2


def test_a_newcomer_is_a_track_of_its_own_and_ranks_after_what_was_seen_longer():
    frames = [np.array([box(50, 50)])] * 5 + [np.array([box(120, 50), box(50, 50)])] * 5
    tracks = follow(frames)
    assert [sorted(track.seen)[0] for track in tracks] == [0, 5]


def test_no_frame_and_no_detection():
    assert follow([]) == []
    assert follow([NONE, NONE]) == []


def test_boxes_of_a_wrong_shape_are_named():
    with pytest.raises(MskusError, match="Frame 1"):
        follow([NONE, np.zeros((2, 3))])


def test_boxes_without_area_do_not_overlap():
    assert box_iou(np.array([[1.0, 1, 1, 1]]), np.array([[1.0, 1, 1, 1]])).tolist() == [[0.0]]
