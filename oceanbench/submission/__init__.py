"""Maps of sea surface height as they are submitted: normalised to one form, or refused with all reasons."""

from oceanbench.submission._expected import HOLES, Expected, Holes
from oceanbench.submission._height import HEIGHT_NAMES, STANDARD_NAMES
from oceanbench.submission._opening import Submission, normalise_grid, open_map
from oceanbench.submission._problems import Problem, SubmissionError
from oceanbench.submission._source import MapSource, canonical_sha256

__all__ = [
    "HEIGHT_NAMES",
    "HOLES",
    "STANDARD_NAMES",
    "Expected",
    "Holes",
    "MapSource",
    "Problem",
    "Submission",
    "SubmissionError",
    "canonical_sha256",
    "normalise_grid",
    "open_map",
]
