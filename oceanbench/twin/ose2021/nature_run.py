"""The ocean of the twin ``2021a-twin``: its mean, and its truth four times a day."""

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from oceanbench.progress import Progress
from oceanbench.twin import two_layer_run
from oceanbench.twin.height_files import height_array
from oceanbench.twin.ose2021 import design
from oceanbench.twin.plane import EAST, LEVEL, NORTH, SOUTH, WEST, MapGrid
from oceanbench.twin.plane_spectrum import azimuthal_spectrum, band_slopes

MODEL = two_layer_run.GULF_STREAM  # the ocean of 2020a-twin, from another seed


class NatureRun:
    """What is kept of a run: the mean of its first years, its truth, and the truth's spectrum.

    Attributes
    ----------
    mean : DataArray (lat, lon)
        Metres, box and margin.
    truth : DataArray (time, lat, lon)
        The same, at `design.truth_times`.
    """

    def __init__(self, *, seed: int, progress: Progress) -> None:
        self._grid = MapGrid(MODEL.points, MODEL.side)
        times = design.truth_times()
        shape = (self._grid.lat.size, self._grid.lon.size)
        self._sum = np.zeros(shape)
        self._truth = np.empty((times.size, *shape))
        self._density: list[NDArray[np.float64]] = []
        self._wavenumber = np.zeros(0)
        length = two_layer_run.SpinUp(design.SPIN_UP_DAYS, design.SETTLING_DAYS)
        state = two_layer_run.spin_up(MODEL, length, seed=seed, progress=progress)
        kept = design.snapshot_times()
        first = kept.size - times.size
        moments = two_layer_run.snapshots(MODEL, state, kept, start=design.START, progress=progress)
        for number, (_, ssh) in enumerate(moments):
            self._keep(number - first, ssh)
        mean = self._sum / first
        self.truth = height_array(self._truth, self._grid.lat, self._grid.lon, times)
        self.mean = self.truth[0].drop_vars("time").copy(data=mean).rename("mdt")
        self.mean.attrs = {"long_name": "mean sea surface height of 2014 and 2015", "units": "m"}

    def _keep(self, index: int, ssh: NDArray[np.float64]) -> None:
        """Take one snapshot (n, n) into the mean (index below 0) or the truth."""
        on_map = self._grid.interpolate(ssh) + LEVEL
        if index < 0:
            self._sum += on_map
            return
        self._truth[index] = on_map
        if index % 4 == 0:
            self._wavenumber, density = azimuthal_spectrum(ssh, MODEL.side / 1e3)
            self._density.append(density)

    def spectrum(self) -> dict[str, Any]:
        """Mean spectrum of the truth over the whole plane, time mean included, and its slopes."""
        density = np.mean(self._density, axis=0)
        return {
            "slopes": band_slopes(self._wavenumber, density),
            "wavenumber_cycles_per_km": [float(f"{k:.6g}") for k in self._wavenumber],
            "density_m2_per_cycle_per_km": [float(f"{p:.4g}") for p in density],
        }

    def box(self) -> xr.DataArray:
        """One field a day (09:00) of the scored year in the box."""
        first, last = (str(day) for day in design.SCORED)
        year = self.truth.sel(time=slice(first, last), lat=slice(SOUTH, NORTH), lon=slice(WEST, EAST))
        return year.isel(time=year["time"].dt.hour.to_numpy() == 9)
