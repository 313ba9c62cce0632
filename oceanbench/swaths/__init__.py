"""Swaths, lines x pixels, read lazily and written: passes of KaRIn, one by one or joined."""

from oceanbench.swaths._glance import holds_swaths, swath_attributes
from oceanbench.swaths._opening import open_swath
from oceanbench.swaths._passes import numbered_lines, open_passes, passes_in_file, passes_of, split_passes
from oceanbench.swaths._reading import few_open_files, height_in
from oceanbench.swaths._sources import PassFiles, is_zarr, pass_files
from oceanbench.swaths._writing import joined, pass_file_name, write_pass

__all__ = [
    "PassFiles",
    "few_open_files",
    "height_in",
    "holds_swaths",
    "is_zarr",
    "joined",
    "numbered_lines",
    "open_passes",
    "open_swath",
    "pass_file_name",
    "pass_files",
    "passes_in_file",
    "passes_of",
    "split_passes",
    "swath_attributes",
    "write_pass",
]
