"""Layouts of files of observations: what is told apart here, the reader need not guess.

In all layouts the time is one-dimensional and its dimension counts the lines. The positions of a
nadir altimeter have that dimension only, those of a swath a second one, across the track.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

type Flags = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Layout:
    """How a file of observations is laid out.

    Attributes
    ----------
    name : str
        How a challenge calls it.
    summary : str
        What is laid out so, in words.
    swath : bool
        Positions are lines x pixels; else there is one per line.
    dims : tuple of str
        Names of the dimensions of positions, where the product fixes them.
    group : str
        Group of the file that holds time and positions; the root unless given.
    good : mapping of variable to mapping of flag to values
        For each height variable, the flags that tell its good samples, and their values there.
    pixels : int or None
        Number of pixels across a swath, where the product fixes it; the middle one lies under the satellite.
    posting_km : float or None
        Distance between two pixels, where the product fixes it.
    """

    name: str
    summary: str
    swath: bool = False
    dims: tuple[str, ...] = ()
    group: str = ""
    good: Mapping[str, Flags] = field(default_factory=dict)
    pixels: int | None = None
    posting_km: float | None = None


_PASS = ("num_lines", "num_pixels")
_ALL = (
    Layout("nadir-2020a", "nadir altimeters of 2020a and 2022b; a dimension cycle of size 1 is dropped"),
    Layout("swath-2020a", "KaRIn swaths of 2020a, time x nC", swath=True),
    Layout("l3", "along-track products of level 3, as of 2021a, 2023a and 2024"),
    Layout("alongtrack-2023", "simulated along-track files of 2023, daily, one folder per mission"),
    Layout("swath-2022a", "KaRIn passes of 2022a, scaled integers", True, _PASS, pixels=71, posting_km=2.0),
    Layout(
        "swath-l3", "SWOT level 3 of 2024 and 2024b (Expert, Basic)", True, _PASS, pixels=69, posting_km=2.0
    ),
    Layout("l2-nadir", "grouped level 2 of Sentinel-6: heights such as data_01/ku/ssha", group="data_01"),
    Layout("nadir-gsfc", "daily NASA/GSFC along-track files, unedited", good={"ssh": {"nasa_flag": (0,)}}),
)

LAYOUTS: Mapping[str, Layout] = MappingProxyType({layout.name: layout for layout in _ALL})
"""What each layout name of a challenge stands for."""


def find_layout(name: str) -> Layout:
    """Give the layout called ``name``.

    Raises
    ------
    ValueError
        Where there is none.
    """
    if name not in LAYOUTS:
        raise ValueError(f"layout {name!r} is not one of observations; allowed: {', '.join(LAYOUTS)}")
    return LAYOUTS[name]
