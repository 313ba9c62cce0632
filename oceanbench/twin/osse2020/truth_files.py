"""Read the truth of the twin ``2020a-twin``."""

from pathlib import Path

import xarray as xr

from oceanbench.twin.osse2020 import design


def read_truth(folder: Path) -> xr.DataArray:
    """All the truth's heights (time, lat, lon) in metres, box and margin, in order of time.

    Raises
    ------
    FileNotFoundError
        If a day of the truth is missing from ``folder/dc_ref``.
    """
    parts = []
    for day in design.days(design.TRUTH):
        path = folder / design.TRUTH_FOLDER / design.truth_file(day)
        if not path.is_file():
            raise FileNotFoundError(f"no truth of {day} at {path}; build the twin or restore its data folder")
        with xr.open_dataset(path, engine="netcdf4") as dataset:
            parts.append(dataset["sossheig"].load())
    return xr.concat(parts, "time")
