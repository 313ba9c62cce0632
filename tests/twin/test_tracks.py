"""Passes over a region, by brute force."""

import numpy as np
import pytest

from oceanbench.physics import missions
from oceanbench.physics.orbit import RepeatOrbit
from oceanbench.twin.plane import WITH_MARGIN
from oceanbench.twin.tracks import nadir_passes


@pytest.mark.parametrize(
    ("orbit", "step"), [(missions.JASON, 1.079), (missions.CRYOSAT_2, 0.9434), (missions.SENTINEL_3A, 1.0)]
)
def test_no_sample_over_the_region_is_missed(orbit: RepeatOrbit, step: float) -> None:
    length = 4 * 86400.0
    passes = nadir_passes(orbit, step, WITH_MARGIN, length)
    found = np.concatenate([part.seconds for part in passes])
    every = np.arange(int(np.ceil(length / step))) * step
    np.testing.assert_array_equal(found, every[WITH_MARGIN.covers(*orbit.position(every))])


def test_each_pass_keeps_its_number_and_direction() -> None:
    for part in nadir_passes(missions.JASON, 1.079, WITH_MARGIN, 10 * 86400.0):
        _, lat = missions.JASON.position(part.seconds)
        climbs = np.diff(lat) > 0
        assert climbs.all() if part.number % 2 else not climbs.any()
        cycle, number = missions.JASON.cycle_and_pass(part.seconds)
        assert set(cycle) == {part.cycle}
        assert set(number) == {part.number}
