"""What filters of swaths share: one pass comes in, its heights go through, what was missing stays missing."""

from oceanbench_baselines.filtering._gomez import Gomez
from oceanbench_baselines.filtering._kernels import Boxcar, Gaussian, Lanczos
from oceanbench_baselines.filtering._loess import Loess
from oceanbench_baselines.filtering._median import Median
from oceanbench_baselines.filtering._nothing import Unfiltered
from oceanbench_baselines.filtering._pass_filter import PassFilter

__all__ = ["Boxcar", "Gaussian", "Gomez", "Lanczos", "Loess", "Median", "PassFilter", "Unfiltered"]
