"""The truth's heights under the tracks of several altimeters, in one small file.

Where and when a sample lies follows from the orbit; only its height is stored, as 16-bit counts of 1 mm.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import netCDF4
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

COUNT: Final = 1e-3  # metres
_LARGEST: Final = 32767


def write_track_heights(path: Path, heights: Mapping[str, Array]) -> None:
    """Write heights (samples,) in metres of each altimeter, rounded to 1 mm.

    Raises
    ------
    ValueError
        If a height is not finite or exceeds 32.767 m.
    """
    with netCDF4.Dataset(path, "w") as dataset:
        dataset.title = "heights of the truth under the samples of each altimeter, in their order"
        for name, values in heights.items():
            counts = np.rint(values / COUNT)
            if not np.all(np.abs(counts) <= _LARGEST):
                raise ValueError(
                    f"{name}: a height is not finite or exceeds 32.767 m; sample within the truth"
                )
            dataset.createDimension(f"sample_{name}", values.size)
            variable = dataset.createVariable(
                f"ssh_{name}", "i2", (f"sample_{name}",), compression="zlib", complevel=9, shuffle=True
            )
            variable.setncatts({"scale_factor": COUNT, "units": "m", "long_name": "sea surface height"})
            variable.set_auto_maskandscale(False)
            variable[:] = counts.astype(np.int16)


def read_track_heights(path: Path) -> dict[str, NDArray[np.int64]]:
    """Read the heights (samples,) of each altimeter, in counts of 1 mm.

    Raises
    ------
    FileNotFoundError
        If the file is missing.
    """
    if not path.is_file():
        raise FileNotFoundError(f"no heights along the tracks at {path}; restore the twin's data folder")
    with netCDF4.Dataset(path) as dataset:
        dataset.set_auto_maskandscale(False)
        return {
            name.removeprefix("ssh_"): np.asarray(variable[:], np.int64)
            for name, variable in dataset.variables.items()
        }
