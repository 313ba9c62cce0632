"""Which variable of a dataset is the height, and in which unit it is."""

from collections.abc import Sequence

import xarray as xr

from oceanbench.submission._problems import Findings, listed
from oceanbench.units import metres_per

HEIGHT_NAMES = (
    "ssh", "gssh", "sossheig", "ssh_mod", "ssh_model", "ssh_interp", "ssh_rec", "rec_ssh", "zos",
    "adt", "sla", "ssha", "out", "pred", "prediction", "eta", "sea_surface_height",
)  # fmt: skip
STANDARD_NAMES = (
    "sea_surface_height",
    "sea_surface_height_above_geoid",
    "sea_surface_height_above_sea_level",
    "sea_surface_height_above_mean_sea_level",
    "sea_surface_height_above_reference_ellipsoid",
)


def choose_variable(
    dataset: xr.Dataset, findings: Findings, accepted: Sequence[str] = (), wanted: str | None = None
) -> str | None:
    """Give the name of the height: ``wanted``, else the first of ``accepted``, else the only likely one.

    A problem is kept, and None returned, where there is none or where there are several.
    """
    maps = [str(name) for name, variable in dataset.data_vars.items() if variable.ndim >= 2]
    if wanted is not None:
        if wanted in maps:
            return wanted
        findings.refuse(
            f"there is no map called {wanted!r}",
            f"one of {listed(maps) or 'none at all'}",
            "name another variable",
        )
        return None
    candidates = [name for name in maps if _looks_like_height(name, dataset[name])]
    for name in accepted:
        if name in maps:
            others = [other for other in candidates if other != name]
            if others:
                findings.note(f"The height is {name!r}; {listed(others)} was left aside.")
            return name
    return _only(candidates, maps, dataset, findings, accepted)


def _looks_like_height(name: str, variable: xr.DataArray) -> bool:
    standard = "_".join(str(variable.attrs.get("standard_name", "")).lower().split())
    return standard in STANDARD_NAMES or name.lower() in HEIGHT_NAMES


def _only(
    candidates: list[str], maps: list[str], dataset: xr.Dataset, findings: Findings, accepted: Sequence[str]
) -> str | None:
    if len(candidates) == 1:
        if accepted:
            findings.note(f"The height is {candidates[0]!r}, as there is no {' or '.join(accepted)}.")
        return candidates[0]
    cure = "name it: variable='…', on the command line --variable …"
    if candidates:
        findings.refuse(
            f"several variables may be the height: {_described(candidates, dataset)}", "one", cure
        )
    else:
        held = _described(maps, dataset) or "no map at all"
        known = listed(list(accepted) or list(HEIGHT_NAMES), 6)
        findings.refuse(f"no variable is known as a height; there is {held}", f"a map called {known}", cure)
    return None


def _described(names: Sequence[str], dataset: xr.Dataset) -> str:
    return listed([f"{name} ({', '.join(map(str, dataset[name].dims))})" for name in names])


def has_numbers(height: xr.DataArray, findings: Findings) -> bool:
    """Tell whether the values are real numbers; if not, keep a problem."""
    if height.dtype.kind in "iu":
        findings.note(f"Whole numbers ({height.dtype}) were read as real ones.")
    if height.dtype.kind in "fiu":
        return True
    findings.refuse(f"heights are of type {height.dtype}", "real numbers", "store them as float32 or float64")
    return False


def unit_factor(height: xr.DataArray, findings: Findings) -> tuple[float, bool]:
    """Give the metres per unit of the height, and whether the file states the unit."""
    unit = str(height.attrs.get("units") or "").strip()
    if not unit:
        findings.note("No unit is given: heights were taken as metres.")
        return 1.0, False
    try:
        factor = metres_per(unit)
    except ValueError:
        findings.refuse(
            f"heights are in {unit!r}", "m, cm or mm", "convert them and set the attribute units = 'm'"
        )
        return 1.0, True
    if factor != 1.0:
        findings.note(f"Heights were converted from {unit} to metres.")
    return factor, True
