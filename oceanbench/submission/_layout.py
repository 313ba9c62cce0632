"""Which coordinate of a map is its time, its latitude, its longitude."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from oceanbench.longitudes import wrap_longitudes
from oceanbench.submission._problems import Findings

AXES = ("time", "lat", "lon")
SEPARABLE_DEGREES = 1e-4

_NAMES = {
    "time": ("time", "t", "time_counter", "date", "dates", "day", "times"),
    "lat": ("lat", "latitude", "nav_lat", "lats", "latitudes"),
    "lon": ("lon", "longitude", "nav_lon", "lons", "longitudes", "long"),
}
_LAST_RESORT = {"y": "lat", "x": "lon"}
_STANDARD = {"time": "time", "latitude": "lat", "longitude": "lon"}
_UNITS = {"degrees_north": "lat", "degree_north": "lat", "degrees_east": "lon", "degree_east": "lon"}
_LETTERS = {"T": "time", "Y": "lat", "X": "lon"}
_WORDS = {"time": "times", "lat": "latitudes", "lon": "longitudes"}


@dataclass(frozen=True)
class Degrees:
    """Raw values of a horizontal axis, and how finely its type resolves them."""

    values: NDArray[np.float64]
    resolution: float


@dataclass(frozen=True)
class Layout:
    """The height with dims called ``time, lat, lon`` (in any order, no coordinates, not read), and its axes.

    An axis is None where it was not found. A scalar time leaves ``height`` without that dim.
    """

    height: xr.DataArray
    time: xr.Variable | None
    lat: Degrees | None
    lon: Degrees | None

    @property
    def is_complete(self) -> bool:
        """Whether every dim of the height has a role."""
        return set(self.height.dims) <= set(AXES) and {"lat", "lon"} <= set(self.height.dims)


def find_layout(dataset: xr.Dataset, name: str, findings: Findings, *, needs_time: bool = True) -> Layout:
    """Give the layout of the variable ``name``; what is missing is kept as problems."""
    height = dataset[name].drop_vars(list(dataset[name].coords))
    time = _coordinate(dataset, name, "time")
    if time is None and needs_time:
        _refuse_missing(dataset, name, "time", findings)
    roles: dict[Hashable, str] = {} if time is None or time.ndim == 0 else {time.dims[0]: "time"}
    degrees: dict[str, Degrees] = {}
    for axis in ("lat", "lon"):
        variable = _coordinate(dataset, name, axis)
        if variable is None:
            _refuse_missing(dataset, name, axis, findings)
            continue
        dim, degrees_of_axis = _reduced(variable, axis, findings)
        if dim in roles:
            findings.refuse(
                f"{roles[dim]} and {axis} both run along dimension {dim!r}",
                "a map, with a dimension for each",
                "interpolate the samples to a grid",
            )
            continue
        roles[dim] = axis
        if degrees_of_axis is not None:
            degrees[axis] = degrees_of_axis
    if time is not None or not needs_time:
        _refuse_further_dims(height, roles, findings)
    height = _squeezed(height, roles, findings)
    return Layout(height.rename(roles), time, degrees.get("lat"), degrees.get("lon"))


def _refuse_missing(dataset: xr.Dataset, name: str, axis: str, findings: Findings) -> None:
    dims = ", ".join(f"{dim}={size}" for dim, size in dataset[name].sizes.items())
    cure = {"time": "expand_dims(time=[…]) or assign_coords(time=…)", "lat": "assign_coords(lat=…)"}
    findings.refuse(
        f"{name!r} has dims ({dims}) and no {_WORDS[axis]}",
        f"a coordinate {axis} of one of its dims",
        f"add it with {cure.get(axis, 'assign_coords(lon=…)')}",
    )


def _coordinate(dataset: xr.Dataset, name: str, axis: str) -> xr.Variable | None:
    """Give the variable that is most clearly the ``axis`` of ``name``."""
    found = [candidate for candidate in _candidates(dataset, name) if candidate[1] == axis]
    allowed = (0, 1) if axis == "time" else (1, 2)
    found = [candidate for candidate in found if dataset.variables[candidate[0]].ndim in allowed]
    if not found:
        return None

    def clarity(candidate: tuple[Hashable, str, bool]) -> tuple[bool, int, bool]:
        key, _, weak = candidate
        variable = dataset.variables[key]
        # a scalar time is a label of the file where a dimension has its own times
        rank = 3 if variable.ndim == 0 else variable.ndim
        return weak, rank, key not in dataset[name].dims

    return dataset.variables[min(found, key=clarity)[0]].to_base_variable()


def _candidates(dataset: xr.Dataset, name: str) -> Iterator[tuple[Hashable, str, bool]]:
    dims = set(dataset[name].dims)
    for key, variable in dataset.variables.items():
        if key != name and set(variable.dims) <= dims:
            role = _role(str(key), variable)
            if role is not None:
                yield key, role[0], role[1]


def _role(name: str, variable: xr.Variable) -> tuple[str, bool] | None:
    """Give the axis that a variable is, and whether that rests on a mere letter."""
    attrs = {key: str(value) for key, value in variable.attrs.items()}
    if "standard_name" in attrs:
        axis = _STANDARD.get(attrs["standard_name"].strip().lower())
        return None if axis is None else (axis, False)
    units = attrs.get("units", "").strip().lower()
    if units in _UNITS:
        return _UNITS[units], False
    if variable.dtype.kind == "M":
        return "time", False
    for axis, names in _NAMES.items():
        if name.lower() in names:
            return axis, False
    letter = _LAST_RESORT.get(name.lower()) or _LETTERS.get(attrs.get("axis", ""))
    return None if letter is None else (letter, True)


def _reduced(variable: xr.Variable, axis: str, findings: Findings) -> tuple[Hashable, Degrees | None]:
    """Give the dim that an axis runs along, and its values, from one or two dims."""
    if variable.dtype.kind not in "fiu":
        findings.refuse(
            f"{_WORDS[axis]} are of type {variable.dtype}",
            "degrees as real numbers",
            "convert them to float64",
        )
        return variable.dims[-1 if axis == "lon" else 0], None
    values = np.asarray(variable.values, dtype=np.float64)
    resolution = _resolution(variable, values)
    if variable.ndim == 1:
        return variable.dims[0], Degrees(values, resolution)
    spread = [_spread(values[:1], values), _spread(values[:, :1], values)]
    along = int(np.argmax(spread))
    across = spread[1 - along]
    dim = variable.dims[along]
    if not across <= SEPARABLE_DEGREES:
        findings.refuse(
            f"{_WORDS[axis]} have two dims and vary by up to {across:.3g} degree "
            f"along {variable.dims[1 - along]!r}",
            "a grid of parallels and meridians",
            "interpolate the map to a regular grid",
        )
        return dim, None
    findings.note(f"The {_WORDS[axis]} of two dims were reduced to one.")
    return dim, Degrees(values[:, 0] if along == 0 else values[0], resolution)


def _resolution(variable: xr.Variable, values: NDArray[np.float64]) -> float:
    if variable.dtype.kind != "f":
        return 0.0
    return float(np.finfo(variable.dtype).eps) * float(np.nanmax(np.abs(values), initial=0.0))


def _spread(first: NDArray[np.float64], values: NDArray[np.float64]) -> float:
    return float(np.max(np.abs(wrap_longitudes(values - first)), initial=0.0))


def _squeezed(height: xr.DataArray, roles: dict[Hashable, str], findings: Findings) -> xr.DataArray:
    single = [dim for dim in height.dims if dim not in roles and height.sizes[dim] == 1]
    if single:
        findings.note(f"Dimension {', '.join(map(str, single))} of size 1 was dropped.")
    return height.isel(dict.fromkeys(single, 0))


def _refuse_further_dims(height: xr.DataArray, roles: dict[Hashable, str], findings: Findings) -> None:
    if not {"lat", "lon"} <= set(roles.values()):
        return
    for dim in height.dims:
        if dim not in roles and height.sizes[dim] > 1:
            findings.refuse(
                f"there is a further dimension {dim} of size {height.sizes[dim]}",
                "time, lat and lon only",
                f"choose one with isel({dim}=…)",
            )
