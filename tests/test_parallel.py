"""Jobs side by side: in order, with the share done told, and none running on when one has failed."""

import time

import pytest

from oceanbench.parallel import processors, side_by_side


def test_results_come_in_the_order_of_the_jobs_and_the_share_done_grows_to_one() -> None:
    told: list[tuple[str, float]] = []

    def slow_first(job: int) -> int:
        time.sleep(0.02 * (3 - job))
        return job * job

    found = side_by_side(
        slow_first, [0, 1, 2], workers=3, weights=[2.0, 1.0, 1.0], progress=lambda *said: told.append(said)
    )
    assert found == [0, 1, 4]
    assert [share for _, share in told] == sorted(share for _, share in told)
    assert told[-1] == ("mapping", 1.0)


def test_no_job_runs_on_after_one_has_failed() -> None:
    running: set[int] = set()

    def job(number: int) -> None:
        running.add(number)
        if number == 0:
            raise RuntimeError("no more")
        time.sleep(0.2)
        running.discard(number)

    with pytest.raises(RuntimeError, match="no more"):
        side_by_side(job, range(8), workers=4)
    assert running == {0}


def test_as_many_workers_as_asked_for_or_as_there_are_processors() -> None:
    assert processors(3) == 3
    assert processors(0) >= 1
