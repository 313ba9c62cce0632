"""The rules of a challenge: its tracks, what a submission looks like, the settings of its scores."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from oceanbench.challenge._base import Part
from oceanbench.challenge._where_and_when import Box, Period


class Track(Part):
    """Which observations a method may use, and which file it is scored against.

    The ``id`` is the name of the track in the published tables. ``reference_height`` is the height
    of the reference where it differs from the height that methods observe. ``domain`` and ``evaluation``
    replace those of the challenge, where its tracks differ in them. Without ``reference`` there is no truth.
    ``passes`` is how many passes a track of swaths has: with fewer the score is another one. Where there is
    no truth, ``similarity_pass`` is the pass whose consecutive cycles are compared. ``segment_km`` replaces
    the length of the official segments of the challenge's swaths.
    """

    id: Annotated[str, Field(min_length=1)]
    observations: Annotated[tuple[str, ...], Field(min_length=1)]
    reference: str = ""
    reference_height: dict[str, float] = Field(default_factory=dict)
    domain: Box | None = None
    evaluation: Period | None = None
    published: bool = True
    passes: Annotated[int, Field(ge=0)] = 0
    similarity_pass: Annotated[int, Field(ge=0)] = 0
    segment_km: Annotated[float, Field(gt=0)] | None = None
    note: str = ""


class SubmissionSchema(Part):
    """What a submitted map looks like.

    Attributes
    ----------
    variables : tuple of str
        Accepted names, the preferred one first.
    dims : tuple of str
        Dimensions in their order: time and the two of the map, or the two of a swath.
    quantity : str
        What the heights are, in words: absolute height or anomaly, about which surface.
    max_step_hours : float
        Longest step between two maps.
    step_degrees : float
        Step of the grid that our own methods map on.
    """

    variables: Annotated[tuple[str, ...], Field(min_length=1)]
    dims: tuple[str, ...] = ("time", "lat", "lon")
    units: Literal["m"] = "m"
    quantity: str
    max_step_hours: Annotated[float, Field(gt=0)] = 24.0
    step_degrees: Annotated[float, Field(gt=0)] = 0.2
    holes: Literal["refuse", "zero"] = "refuse"


class GriddedProtocol(Part):
    """Settings of the scores of a map against a gridded truth.

    Attributes
    ----------
    profile : str
        Which code the official numbers are those of: ``odc`` (the ocean data challenges: 2020a and its
        kin) or ``neurips`` (OceanBench of 2023: Tukey window, metres, an isotropic spectrum).
    detrend : str
        What is taken out of each row before the spectra.
    window : str
        Hann window, periodic or symmetric (``odc``).
    interpolation : str
        From the map to the grid of the truth.
    truth_offset, truth_stride : int
        Nodes of the truth that are scored along each axis: from the first one given, every so many.
    daily : bool
        Means of days are compared; else the fields of the truth at their own times.
    grid_step_degrees : float
        Step of the grid, from the south-western corner of the box, to which map and truth are both brought
        (``neurips``).
    digits : int
        Decimals of the published tables.
    """

    profile: Literal["odc", "neurips"] = "odc"
    detrend: Literal["constant", "linear"] = "constant"
    window: Literal["periodic", "symmetric"] = "periodic"
    interpolation: Literal["linear", "cubic"] = "linear"
    truth_offset: Annotated[int, Field(ge=0)] = 0
    truth_stride: Annotated[int, Field(ge=1)] = 1
    daily: bool = True
    grid_step_degrees: Annotated[float, Field(gt=0)] = 0.05
    digits: int = 2


class TrackProtocol(Part):
    """Settings of the scores of a map against an independent altimeter.

    Attributes
    ----------
    profile : str
        Which code the official numbers are those of: ``odc`` (2021a) or ``neurips`` (OceanBench of 2023: one
        ratio over all samples, no rim, another reading of the wavelength).
    spacing_km : float
        Distance between two samples of the reference, unless its file says otherwise.
    segment_km : float
        Length of a segment of the spectra.
    max_gap_seconds : float
        A longer time step breaks a segment.
    stride_fraction : float
        Step from one segment to the next, as a fraction of its length.
    inset_degrees : float
        Width of the rim of the box that is mapped but not scored.
    min_daily_samples : int
        Days with fewer samples are not scored.
    """

    profile: Literal["odc", "neurips"] = "odc"
    spacing_km: Annotated[float, Field(gt=0)]
    segment_km: Annotated[float, Field(gt=0)] = 1000.0
    max_gap_seconds: Annotated[float, Field(gt=0)] = 4.0
    stride_fraction: Annotated[float, Field(gt=0, le=1)] = 0.25
    inset_degrees: Annotated[float, Field(ge=0)] = 0.25
    min_daily_samples: Annotated[int, Field(ge=1)] = 10
    digits: int = 2


class SwathProtocol(Part):
    """Settings of the scores of filtered swaths.

    Attributes
    ----------
    posting_km : float
        Distance between two pixels, along and across the track.
    segment_km : float
        Length of a segment of the official spectra along each column of pixels.
    overlap : float
        Part of a segment that the next one shares.
    robust_segment_km : float
        Length of a segment of the robust spectra; a length that the caller asks for holds for both.
    digits : int
        Decimals of the heights in the published tables.
    """

    posting_km: Annotated[float, Field(gt=0)] = 2.0
    segment_km: Annotated[float, Field(gt=0)] = 1000.0
    overlap: Annotated[float, Field(ge=0, lt=1)] = 0.25
    robust_segment_km: Annotated[float, Field(gt=0)] = 512.0
    digits: int = 3


class Scoring(Part):
    """How a published row was made, where that differs from the settings of its challenge.

    Attributes
    ----------
    domain : Box, optional
        Part of the box that was scored.
    official_end : datetime.datetime, optional
        Last instant (included) that was scored.
    detrend, window : str, optional
        Of the spectra.
    truth_offset, truth_stride : int, optional
        Nodes of the truth that were scored along each axis.
    daily : bool
        False where the fields of the truth were compared at their own times, not as means of days.
    note : str
        What else is known of how the row was made.
    """

    domain: Box | None = None
    official_end: datetime | None = None
    detrend: Literal["constant", "linear"] | None = None
    window: Literal["periodic", "symmetric"] | None = None
    truth_offset: Annotated[int, Field(ge=0)] | None = None
    truth_stride: Annotated[int, Field(ge=1)] | None = None
    daily: bool = True
    note: str = ""


class ContributedMap(Part):
    """A map that others made and published, and the row of the published table that it belongs to.

    Attributes
    ----------
    file : str
        Its file, of role ``map``.
    method, track : str
        Names in the published table; the track is one of the challenge too.
    variable : str
        Which variable holds the heights, where its file leaves a choice.
    plus : str
        File whose height is added to the map, where that is an anomaly and absolute heights are scored.
    scoring : Scoring
        Settings that its row was made with.
    """

    file: str
    method: str
    track: str
    variable: str = ""
    plus: str = ""
    scoring: Scoring = Scoring()
