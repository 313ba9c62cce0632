"""Maps and filtered swaths as they are submitted: normalised to one form, or refused with all reasons."""

from oceanbench.submission._expected import HOLES, Expected, Holes
from oceanbench.submission._filtered import Filtered, open_filtered
from oceanbench.submission._height import HEIGHT_NAMES, STANDARD_NAMES
from oceanbench.submission._opening import Submission, normalise_grid, open_map
from oceanbench.submission._problems import Problem, SubmissionError
from oceanbench.submission._source import MapSource, canonical_sha256
from oceanbench.submission._swath_values import PassCheck, check_pass

__all__ = [
    "HEIGHT_NAMES",
    "HOLES",
    "STANDARD_NAMES",
    "Expected",
    "Filtered",
    "Holes",
    "MapSource",
    "PassCheck",
    "Problem",
    "Submission",
    "SubmissionError",
    "canonical_sha256",
    "check_pass",
    "normalise_grid",
    "open_filtered",
    "open_map",
]
