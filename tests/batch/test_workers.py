from __future__ import annotations

from mskus.batch.job import Job
from mskus.batch.workers import run_in_processes


def _job(path, out):
    return Job(path=path, sha256="0" * 64, folder=out / path.name, exam="muscle")


def test_each_job_is_reported_once_with_its_number(tmp_path):
    for name in "abc":
        (tmp_path / f"{name}.png").write_text("no picture")
    found = {}
    jobs = [(i, _job(tmp_path / f"{name}.png", tmp_path)) for i, name in enumerate("abc")]
    run_in_processes(iter(jobs), done=lambda i, rows: found.setdefault(i, []).extend(rows), jobs=2)
    assert sorted(found) == [0, 1, 2]
    for i, name in enumerate("abc"):
        assert [row.status for row in found[i]] == ["failed"]
        assert f"{name}.png" in found[i][0].reason


def test_a_process_that_dies_takes_only_its_own_clip_with_it(tmp_path):
    from mskus.batch import workers

    good = tmp_path / "good.png"
    good.write_text("no picture")
    found = {}
    jobs = [
        (0, _Deadly(path=tmp_path / "deadly.png", sha256="", folder=tmp_path, exam="muscle")),
        (1, _job(good, tmp_path)),
    ]
    workers.run_in_processes(iter(jobs), done=lambda i, rows: found.setdefault(i, rows), jobs=2)
    assert "ended its process" in found[0][0].reason
    assert "good.png" in found[1][0].reason
    assert "ended its process" not in found[1][0].reason


class _Deadly(Job):
    """Kills the process that unpacks it, as a crashing decoder would."""

    def __reduce__(self):
        import os

        return os._exit, (3,)


def test_a_process_that_dies_between_two_jobs_stops_nothing(tmp_path, monkeypatch):
    from concurrent.futures import Future
    from concurrent.futures.process import BrokenProcessPool

    from mskus.batch import workers

    class Pool:
        """Breaks when the third job is handed to it."""

        taken = 0

        def submit(self, work, job):
            Pool.taken += 1
            if Pool.taken == 3:
                raise BrokenProcessPool
            future = Future()
            future.set_result(work(job))
            return future

        def shutdown(self, **_):
            pass

    monkeypatch.setattr(workers, "_pool", lambda jobs: Pool())
    monkeypatch.setattr(workers, "_alone", workers.run_job)
    found = {}
    for name in "abcde":
        (tmp_path / f"{name}.png").write_text("no picture")
    jobs = [(i, _job(tmp_path / f"{name}.png", tmp_path)) for i, name in enumerate("abcde")]
    workers.run_in_processes(iter(jobs), done=lambda i, rows: found.setdefault(i, []).extend(rows), jobs=2)
    assert {i: len(rows) for i, rows in found.items()} == dict.fromkeys(range(5), 1)
