"""The filter that leaves a pass as it was measured."""

from dataclasses import dataclass
from typing import ClassVar

from oceanbench_baselines.filtering._pass_filter import Floats, Heights, PassFilter

__all__ = ["Unfiltered"]


@dataclass(frozen=True)
class Unfiltered(PassFilter):
    """No filter: the heights as measured, which every filter has to beat."""

    INPUTS: ClassVar[str] = "one pass of a swath"
    COST: ClassVar[str] = "none"

    def _filter(self, heights: Heights) -> Floats:
        return heights.ssh
