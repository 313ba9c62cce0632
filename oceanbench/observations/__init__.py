"""Observations of sea surface height: reading them, joining them, choosing among them, thinning them.

The canonical form is a flat ``xr.Dataset`` with one dimension ``obs``:

========== ================ ===========================================================================
``time``    datetime64[ns]
``lon``     float64          degrees east, -180 (included) to 180
``lat``     float64          degrees north
``ssh``     float64          metres
``mission`` int8             index into ``attrs["missions"]``, a list of names
``line``    int32            0-based index along the track in the full file of the mission
``pixel``   int16            0-based index across the track; 0 for nadir altimeters
========== ================ ===========================================================================

``attrs["lines"]`` and ``attrs["pixels"]`` list how many lines and pixels the full file of each mission has.
"""

from oceanbench.observations._canonical import assemble, concat, select
from oceanbench.observations._drifters import read_drifters
from oceanbench.observations._grids import from_grid
from oceanbench.observations._layouts import LAYOUTS, Layout
from oceanbench.observations._reading import read_l3, read_nadir, read_observations, read_swath
from oceanbench.observations._thinning import thin

__all__ = [
    "LAYOUTS",
    "Layout",
    "assemble",
    "concat",
    "from_grid",
    "read_drifters",
    "read_l3",
    "read_nadir",
    "read_observations",
    "read_swath",
    "select",
    "thin",
]
