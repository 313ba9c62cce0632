"""The contract that every method keeps: how it is loaded, run, checked and what it gives is written.

A mapping method is any callable that takes observations and a target grid and gives a map::

    def my_method(observations: xr.Dataset, grid: xr.Dataset) -> xr.Dataset:
        heights = my_model(observations.time, observations.lon, observations.lat, observations.ssh)
        return xr.Dataset({"ssh": (("time", "lat", "lon"), heights)}, coords=grid.coords)

- ``observations`` has one dimension ``obs``: ``time``, ``lon`` (-180..180), ``lat``, ``ssh`` (metres),
  ``mission`` (index into ``attrs["missions"]``), ``line`` and ``pixel`` (place of the sample in its file);
  ``attrs["lines"]`` and ``attrs["pixels"]`` are the numbers of these in the file of each mission (1 pixel for
  a nadir altimeter), ``attrs["error_free"]`` tells that the heights carry no measurement error.
- ``grid`` has the coordinates ``time``, ``lat`` and ``lon`` of the wanted map, all ascending; ``lon`` is in
  -180..180, and goes on beyond 180 where a box crosses the date line.
  Where its attribute ``each_map`` is ``"mean of the day from its time"``, a map is compared with the mean of
  the 24 hours that begin at its time: the noon is then nearer than the instant.
- The result holds ``ssh(time, lat, lon)`` in metres on exactly that grid; beside it, where known,
  ``ssh_error`` (its formal error, metres), ``ugos`` and ``vgos`` (geostrophic currents, m/s).
- A method with a keyword ``mean`` is given the mean height of the challenge there, ``mean(lat, lon)`` in
  metres on a grid of its own that is wider than the map, or None where the challenge has none. It then sees
  and gives absolute heights in every challenge; any other method sees anomalies where the challenge has
  anomalies, and the mean is added to its map.

A filter of swaths is any callable that takes one pass and gives it back without its noise::

    def my_filter(swath: xr.Dataset) -> xr.Dataset:
        return xr.Dataset({"ssh": my_model(swath.ssh)})

- ``swath`` holds ``ssh(num_lines, num_pixels)`` in metres, missing (NaN) where there is no measurement, with
  the coordinates ``time(num_lines)``, ``lon`` (-180..180) and ``lat`` of every pixel, and
  ``cross_track_km(num_pixels)``, 0 under the satellite; ``attrs`` tell ``cycle_number`` and ``pass_number``.
- The result holds ``ssh`` in metres on the same lines and pixels, with a height wherever there was one; it is
  taken nowhere else. Passes are filtered one by one, in any order, several at a time in threads.

What computes it is free (PyTorch, JAX, Julia behind a subprocess): only this call is looked at. Give the
function as ``path/to/file.py:my_method``, or register it under the entry-point group ``oceanbench.methods``
(mapping) or ``oceanbench.filters``.
A class whose fields are its parameters (a dataclass with ``__call__``) can be tuned from the command line,
and its parameters are stored with its map; its class attribute ``PRESETS`` may give parameters by challenge.
"""

from oceanbench.methods._describing import describe
from oceanbench.methods._filtering import Filter, run_filter
from oceanbench.methods._loading import (
    MethodError,
    filter_names,
    load_filter,
    load_method,
    method_names,
)
from oceanbench.methods._map_files import attribute, write_map
from oceanbench.methods._mapping import DAILY_MEAN, Method, check_grid, run_method, takes_mean

__all__ = [
    "DAILY_MEAN",
    "Filter",
    "Method",
    "MethodError",
    "attribute",
    "check_grid",
    "describe",
    "filter_names",
    "load_filter",
    "load_method",
    "method_names",
    "run_filter",
    "run_method",
    "takes_mean",
    "write_map",
]
