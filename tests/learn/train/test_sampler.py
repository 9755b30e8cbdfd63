"""An epoch's order depends on seed and epoch alone."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

from mskus.learn.train.sampler import EpochSampler, Pool

THREE = Pool(((0,), (1,), (2,)))


def test_every_picture_comes_once_before_one_comes_again() -> None:
    order = [d.picture for d in EpochSampler([THREE], batch=2, steps=3, seed=4)]
    assert sorted(order[:3]) == [0, 1, 2]
    assert sorted(order[3:]) == [0, 1, 2]


def test_an_epoch_repeats_and_differs_from_the_next() -> None:
    sampler = EpochSampler([Pool(tuple((n,) for n in range(50)))], batch=50, steps=1, seed=0)
    first = list(sampler)
    assert list(sampler) == first
    sampler.set_epoch(1)
    assert [d.picture for d in sampler] != [d.picture for d in first]


def test_groups_are_drawn_alike_however_many_pictures_they_hold() -> None:
    pool = Pool(((0,), tuple(range(1, 100))))
    order = [d.picture for d in EpochSampler([pool], batch=10, steps=2, seed=0)]
    assert order.count(0) == 10


@pytest.mark.parametrize(("share", "unlabelled"), [(0.5, 2), (0.25, 1), (0.75, 3)])
def test_each_batch_holds_its_share_of_each_pool(share: float, unlabelled: int) -> None:
    sampler = EpochSampler([Pool(((0,), (1,)), 1 - share), Pool(((7,),), share)], batch=4, steps=3, seed=0)
    order = [d.picture for d in sampler]
    assert [order[i : i + 4].count(7) for i in (0, 4, 8)] == [unlabelled] * 3


def test_two_devices_share_one_order_between_them() -> None:
    pool = Pool(tuple((n,) for n in range(8)))
    parts = [list(EpochSampler([pool], batch=2, steps=2, seed=3, rank=r, world=2)) for r in range(2)]
    assert [len(p) for p in parts] == [4, 4]
    assert sorted(d.picture for p in parts for d in p) == list(range(8))
    assert len({d.place for p in parts for d in p}) == 8
