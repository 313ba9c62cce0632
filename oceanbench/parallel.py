"""Jobs side by side on the processors, each on one thread of linear algebra, with the share done told."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from oceanbench.progress import Progress

__all__ = ["processors", "side_by_side"]


def processors(workers: int) -> int:
    """Give ``workers``, or the number of processors for 0."""
    return workers or os.cpu_count() or 1


def side_by_side[T, R](
    run: Callable[[T], R],
    jobs: Sequence[T],
    *,
    workers: int = 0,
    weights: Sequence[float] | None = None,
    progress: Progress | None = None,
    what: str = "mapping",
) -> list[R]:
    """Give the results of all jobs, in their order.

    Linear algebra runs on one thread per job: jobs side by side use the processors better than threads
    inside a factorisation, which wait for each other busily where other work shares the machine.

    Parameters
    ----------
    run : callable
        Does one job; may raise, and then so does this.
    jobs : sequence
    workers : int
        Jobs at a time; 0: as many as there are processors.
    weights : sequence of float, optional
        Share of the work in each job, for ``progress``.
    progress : callable, optional
        Called as ``progress(what, share done)`` after each job, from the calling thread.
    what : str
        What is being done.
    """
    from dask.base import compute
    from dask.delayed import delayed
    from threadpoolctl import threadpool_limits

    one = delayed(lambda index: run(jobs[index]), pure=False)
    tasks = [one(index) for index in range(len(jobs))]
    sizes = weights if weights is not None else [1.0] * len(jobs)
    told = {task.key: size for task, size in zip(tasks, sizes, strict=True)}
    # a pool of our own: where one job fails, the others have ended before anyone hears of it
    pool = ThreadPoolExecutor(processors(workers))
    with threadpool_limits(limits=1, user_api="blas"), pool, _told(told, progress, what):
        return list(compute(*tasks, scheduler="threads", pool=pool))  # type: ignore[no-untyped-call]


@contextmanager
def _told(sizes: dict[str, float], progress: Progress | None, what: str) -> Iterator[None]:
    """Tell ``progress`` the share done after each dask task."""
    from dask.callbacks import Callback

    if progress is None:
        yield
        return
    done: set[str] = set()

    def after(key: str, *_: object) -> None:
        if key in sizes:
            done.add(key)
            progress(what, sum(sizes[each] for each in done) / sum(sizes.values()))

    with Callback(posttask=after):  # type: ignore[no-untyped-call]
        yield
