"""Units of length."""

import pytest

from oceanbench.units import metres_per


@pytest.mark.parametrize(
    ("unit", "metres"),
    [("m", 1.0), (" cm ", 0.01), ("Millimetres", 0.001), ("km", 1e3), ("M", 1.0), ("dm", 0.1)],
)
def test_lengths_are_converted(unit, metres):
    assert metres_per(unit) == metres


@pytest.mark.parametrize("unit", ["", "1", "degC", "m/s", "Mm"])
def test_other_units_are_refused(unit):
    with pytest.raises(ValueError, match=f"unit '{unit}' is not a length"):
        metres_per(unit)
