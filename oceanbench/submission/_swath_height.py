"""Which variable of a pass is the filtered height, in metres."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from oceanbench.submission._height import HEIGHT_NAMES, has_numbers, unit_factor
from oceanbench.submission._problems import Findings, listed

_GIVEN = ("ssh_true", "ssh_karin", "offshore", "low_variability")  # what the inputs of 2022a hold
_DIMS = ("num_lines", "num_pixels")


def choose_filtered(
    swath: xr.Dataset, findings: Findings, names: Sequence[str], wanted: str | None
) -> str | None:
    """Give the name of the filtered height: ``wanted``, the first of ``names``, or the only likely one.

    What the inputs hold is taken only where it is ``wanted``. A problem is kept, and None returned, where
    there is none or where there are several.
    """
    held = [str(name) for name, variable in swath.data_vars.items() if variable.dims == _DIMS]
    for name in names if wanted is None else (wanted,):
        if name in held:
            return name
    cure = "name it: variable='…', on the command line --variable …"
    if wanted is not None:
        findings.refuse(f"there is no variable {wanted!r}", f"one of {listed(held) or 'none at all'}", cure)
        return None
    others = [name for name in held if name not in _GIVEN]
    likely = [name for name in others if name.lower() in HEIGHT_NAMES] or others
    if len(likely) == 1:
        findings.note(f"The height is {likely[0]!r}, as there is no {' or '.join(names)}.")
        return likely[0]
    given = f"several variables may be the height: {listed(likely)}" if likely else _none_of(held)
    findings.refuse(given, f"the filtered height, called {' or '.join(names)}", cure)
    return None


def _none_of(held: list[str]) -> str:
    return f"there is no filtered height, only {listed(held) or 'no variable of lines and pixels'}"


def in_float_metres(height: xr.DataArray, findings: Findings) -> xr.DataArray:
    """Give the height in float64 and metres, lazily; keep a problem where unit or type make no sense."""
    readable = has_numbers(height, findings)
    factor, _ = unit_factor(height, findings)
    if not readable:
        return height
    metres = height.astype(np.float64)
    return (metres if factor == 1.0 else metres * factor).assign_attrs(units="m")
