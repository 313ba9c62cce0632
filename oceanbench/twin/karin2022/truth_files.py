"""The shipped files of the twin: one for each pass, with what cannot be computed from the orbit.

Dims (num_lines, num_pixels). ``time`` in seconds since 2000, ``ssh_true`` in counts of 0.1 mm (16 bits),
``low_variance`` 1 where the ocean's heights vary by less than 200 cm² in time or where there is land.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import netCDF4
import numpy as np
from numpy.typing import NDArray

from oceanbench.twin.karin2022.design import CYCLES, HEIGHT_COUNT, NAME, TRUTH_FOLDER, Cycle, truth_file
from oceanbench.twin.karin2022.swaths import Swath

Array = NDArray[np.float64]

EPOCH: Final = np.datetime64("2000-01-01T00:00:00", "ms")
_MISSING: Final = -32768


@dataclass(frozen=True)
class PassTruth:
    """Truth of one pass.

    Parameters
    ----------
    cycle : Cycle
        To which the pass belongs.
    swath : Swath
        Its geometry.
    heights : array (lines, 71)
        Metres, NaN on land, at nadir and outside the box.
    low_variance : array of bool (lines, 71)
        True where heights vary little, and on land.
    """

    cycle: Cycle
    swath: Swath
    heights: Array
    low_variance: NDArray[np.bool_]


def seconds_since_2000(cycle: Cycle, seconds: Array) -> Array:
    """Seconds since 2000 of seconds since the start of a cycle."""
    return np.asarray((cycle.start - EPOCH) / np.timedelta64(1, "s") + seconds)


def write_truth(truth: PassTruth, folder: Path) -> Path:
    """Write one pass into ``folder``, made if missing, and return the path.

    Raises
    ------
    ValueError
        If a height does not fit in 16 bits.
    """
    counts = np.rint(truth.heights / HEIGHT_COUNT)
    if not np.nanmax(np.abs(counts), initial=0) < -_MISSING:
        raise ValueError(
            f"largest height is {np.nanmax(np.abs(truth.heights))} m; files hold less than "
            f"{-_MISSING * HEIGHT_COUNT:.2f} m"
        )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / truth_file(truth.cycle.number, truth.swath.number)
    with netCDF4.Dataset(path, "w") as dataset:
        lines, pixels = counts.shape
        dataset.createDimension("num_lines", lines)
        dataset.createDimension("num_pixels", pixels)
        dataset.setncatts(
            {
                "title": f"{NAME}: heights and variance regime of one pass",
                "cycle_number": np.int16(truth.cycle.number),
                "pass_number": np.int16(truth.swath.number),
            }
        )
        time = dataset.createVariable("time", "f8", ("num_lines",), compression="zlib", complevel=9)
        time.units = "seconds since 2000-01-01"
        time[:] = seconds_since_2000(truth.cycle, truth.swath.seconds)
        _write_counts(dataset, "ssh_true", np.where(np.isnan(counts), _MISSING, counts), "i2")
        dataset["ssh_true"].setncatts({"scale_factor": HEIGHT_COUNT, "units": "m"})
        _write_counts(dataset, "low_variance", truth.low_variance, "i1")
    return path


def _write_counts(dataset: netCDF4.Dataset, name: str, values: NDArray[np.generic], kind: str) -> None:
    fill = _MISSING if kind == "i2" else None
    variable = dataset.createVariable(
        name, kind, ("num_lines", "num_pixels"), compression="zlib", complevel=9, fill_value=fill
    )
    variable.set_auto_maskandscale(False)
    variable[:] = values.astype(kind)


def truth_paths(root: Path, cycle: Cycle) -> list[Path]:
    """Paths of the passes of a cycle in a twin's data folder, by pass number.

    Raises
    ------
    FileNotFoundError
        If there is none.
    """
    paths = sorted((root / TRUTH_FOLDER).glob(truth_file(cycle.number, 0).replace("000.nc", "*.nc")))
    if not paths:
        raise FileNotFoundError(
            f"no truth of cycle {cycle.number} under {root / TRUTH_FOLDER}; name the data folder of {NAME}"
        )
    return paths


def read_truth(path: Path) -> PassTruth:
    """Read one pass.

    Raises
    ------
    ValueError
        If the file is of another cycle than those of the twin.
    """
    with netCDF4.Dataset(path) as dataset:
        number = int(dataset.cycle_number)
        cycles = {cycle.number: cycle for cycle in CYCLES}
        if number not in cycles:
            raise ValueError(f"{path} is of cycle {number}; {NAME} has cycles {sorted(cycles)}")
        cycle = cycles[number]
        start = float(seconds_since_2000(cycle, np.zeros(1))[0])
        swath = Swath(number, int(dataset.pass_number), np.asarray(dataset["time"][:], np.float64) - start)
        heights = np.ma.filled(dataset["ssh_true"][:].astype(np.float64), np.nan)
        low = np.asarray(dataset["low_variance"][:]) == 1
    return PassTruth(cycle, swath, np.asarray(heights), low)


def read_truths(root: Path, cycle: Cycle) -> Iterator[PassTruth]:
    """Every pass of a cycle in a twin's data folder, by pass number."""
    yield from (read_truth(path) for path in truth_paths(root, cycle))
