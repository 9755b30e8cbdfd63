"""Several processes at work; one that dies (a decoder's crash, no memory) takes only its own clip with it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import active_children, get_context

from mskus.batch.job import Job, run_job
from mskus.batch.outcome import Outcome

Done = Callable[[int, list[Outcome]], None]


def run_in_processes(work: Iterable[tuple[int, Job]], *, done: Done, jobs: int) -> None:
    """Run jobs in ``jobs`` processes and report each to ``done`` as it ends.

    No more than twice as many jobs as processes wait at a time, so that a million inputs need no memory. When a
    process dies, the jobs then at work are run again one by one, each in a process of its own, to find the culprit.

    Args:
        work: numbered jobs.
        done: called in this process with a job's number and rows.
        jobs: number of processes.
    """
    queue = iter(work)
    pool = _pool(jobs)
    running: dict[Future[list[Outcome]], tuple[int, Job]] = {}
    try:
        while True:
            suspects: list[tuple[int, Job]] = []
            for index, job in islice(queue, 2 * jobs - len(running)):
                try:
                    running[pool.submit(run_job, job)] = index, job
                except BrokenProcessPool:  # a process died meanwhile; which job it had, the running ones tell
                    suspects.append((index, job))
                    break
            if not running and not suspects:
                break
            ended = set() if suspects else wait(running, return_when=FIRST_COMPLETED).done
            for future in ended:
                index, job = running.pop(future)
                try:
                    done(index, future.result())
                except BrokenProcessPool:
                    suspects.append((index, job))
            if suspects:
                suspects += running.values()
                running.clear()
                pool.shutdown(wait=True, cancel_futures=True)
                for index, job in sorted(suspects, key=lambda suspect: suspect[0]):
                    done(index, _alone(job))
                pool = _pool(jobs)
    except BaseException:
        for child in active_children():
            child.terminate()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _alone(job: Job) -> list[Outcome]:
    with _pool(1) as pool:
        try:
            return pool.submit(run_job, job).result()
        except BrokenProcessPool:
            reason = f"{job.path} ended its process (a damaged file in a decoder, or no memory left); check the file."
            return [Outcome(file=str(job.path), status="failed", reason=reason)]


def _pool(jobs: int) -> ProcessPoolExecutor:
    # a fresh interpreter each: forked copies of the libraries' threads would hang
    threads = max((os.cpu_count() or 1) // jobs, 1)
    return ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_share, initargs=(threads,))


def _share(threads: int) -> None:
    import cv2

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent alone answers the user's Ctrl-C
    cv2.setNumThreads(threads)
