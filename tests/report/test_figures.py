"""The pictures: what they draw, where, and what they say when there is nothing to draw."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection, QuadMesh
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from oceanbench.metrics.bootstrap import Interval
from oceanbench.report.axes import LAND
from oceanbench.report.figures import (
    daily_figure,
    isotropic_figure,
    maps_figure,
    observations_figure,
    plane_figure,
    spectrum_figure,
    track_map_figure,
)
from oceanbench.score import Evaluation, MapDetails, TrackDetails

OFFICIAL = {"lambda_x": 1.4, "lambda_t": 4.1}
ROBUST = {"lambda_x": Interval(1.5, 1.4, 1.6), "lambda_t": Interval(4.2, 4.0, 4.4)}


def pixels(figure: Figure) -> np.ndarray:
    canvas: Any = figure.canvas
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3]


def mesh(axes: Axes) -> QuadMesh:
    return next(drawn for drawn in axes.collections if isinstance(drawn, QuadMesh))


def share_of(figure: Figure, colour: str) -> float:
    wanted = np.round(255 * np.array(to_rgba(colour)[:3]))
    return float((pixels(figure) == wanted).all(axis=-1).mean())


def vertical_lines(axes: Axes) -> list[float]:
    lines = (np.asarray(line.get_xdata(), dtype=float) for line in axes.lines)
    return [float(x[0]) for x in lines if x.size == 2 and x[0] == x[1]]


def words(axes: Axes) -> str:
    return " ".join(text.get_text() for text in axes.texts)


# --- maps


def test_truth_and_map_share_one_scale_and_the_error_is_symmetric(map_details: MapDetails) -> None:
    truth, estimate, error = (mesh(axes) for axes in maps_figure(map_details).axes[:3])
    assert truth.get_clim() == estimate.get_clim()
    low, high = error.get_clim()
    assert -low == high == pytest.approx(5.0)


def test_maps_span_the_box_with_west_on_the_left_and_degrees_on_the_axes(map_details: MapDetails) -> None:
    figure = maps_figure(map_details)
    pixels(figure)
    axes = figure.axes[0]
    assert axes.get_xlim() == pytest.approx((-65.25, -54.75))
    assert axes.get_ylim() == pytest.approx((32.75, 43.25))
    assert "60°W" in [label.get_text() for label in axes.get_xticklabels()]
    assert "35°N" in [label.get_text() for label in axes.get_yticklabels()]
    assert axes.get_aspect() == pytest.approx(1 / np.cos(np.radians(38.0)))


def test_the_title_of_the_maps_gives_the_rms_error(map_details: MapDetails) -> None:
    spread = 100 * float(map_details.truth.std())
    assert maps_figure(map_details).get_suptitle() == (
        f"2012-11-11: off by 5.0 cm RMS where heights vary by {spread:.1f} cm"
    )


def test_land_and_holes_are_grey(map_details: MapDetails) -> None:
    holed = replace(map_details, truth=map_details.truth.where(map_details.truth.lon > -60))
    assert share_of(maps_figure(map_details), LAND) < 0.01
    assert share_of(maps_figure(holed), LAND) > 0.1


@pytest.mark.parametrize("height", [np.nan, 0.25])
def test_maps_without_values_or_without_contrast_are_drawn(map_details: MapDetails, height: float) -> None:
    flat = xr.full_like(map_details.truth, height)
    figure = maps_figure(replace(map_details, truth=flat, estimate=flat))
    assert np.ptp(pixels(figure)) > 0


def test_maps_are_drawn_whatever_the_order_of_dimensions(map_details: MapDetails) -> None:
    turned = replace(map_details, truth=map_details.truth.transpose("lon", "lat"))
    assert np.array_equal(pixels(maps_figure(turned)), pixels(maps_figure(map_details)))


# --- days


def test_days_without_a_score_leave_gaps(track_details: TrackDetails) -> None:
    figure = daily_figure(track_details)
    drawn = np.asarray(figure.axes[0].lines[-1].get_ydata(), dtype=float)
    assert np.flatnonzero(np.isnan(drawn)).tolist() == [3, 4, 11]
    assert "27 days" in figure.axes[0].get_title(loc="left")
    assert figure.get_suptitle() == "The score of a day lies between 0.85 and 0.91"


def test_no_scored_day_is_said_and_not_drawn(track_details: TrackDetails) -> None:
    figure = daily_figure(replace(track_details, daily=track_details.daily * np.nan))
    assert "No day has enough points" in words(figure.axes[0])
    assert np.ptp(pixels(figure)) > 0


# --- plane


def test_both_planes_run_from_large_to_small_scales(map_details: MapDetails) -> None:
    for axes in plane_figure(map_details, OFFICIAL, ROBUST).axes[:2]:
        assert axes.get_xlim()[0] > axes.get_xlim()[1]
        assert axes.get_ylim()[0] > axes.get_ylim()[1]
        assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")


def test_the_first_piece_of_the_contour_is_bold_and_the_others_thin(map_details: MapDetails) -> None:
    speck = np.array([[1.2, 2.2], [1.3, 2.3], [1.2, 2.4]])
    axes = plane_figure(
        replace(map_details, contour=(*map_details.contour, speck, speck)), OFFICIAL, ROBUST
    ).axes[0]
    first, *others = [line for line in axes.lines if len(np.atleast_1d(line.get_xdata())) > 2]
    assert np.array_equal(np.asarray(first.get_xdata()), map_details.contour[0][:, 0])
    assert len(others) == 2
    assert all(line.get_linewidth() < first.get_linewidth() / 2 for line in others)


def test_each_plane_marks_its_own_reading(map_details: MapDetails) -> None:
    official, robust = plane_figure(map_details, OFFICIAL, ROBUST).axes[:2]
    assert set(vertical_lines(official)) == {1.4}
    assert set(vertical_lines(robust)) == {1.5}
    assert words(official) == "λx 1.4°\nλt 4.1 days"
    assert words(robust) == "λx 1.5°\nλt 4.2 days"


def test_the_boundary_is_drawn_as_wavelength_and_period(map_details: MapDetails) -> None:
    axes = plane_figure(map_details, OFFICIAL, ROBUST).axes[1]
    dots = next(line for line in axes.lines if line.get_marker() == "o")
    assert np.allclose(np.asarray(dots.get_xdata()), 1 / map_details.robust_boundary[:, 0])
    assert np.allclose(np.asarray(dots.get_ydata()), 1 / map_details.robust_boundary[:, 1])


def test_a_bin_covers_its_own_frequency(map_details: MapDetails) -> None:
    corners = np.asarray(mesh(plane_figure(map_details, OFFICIAL, ROBUST).axes[0]).get_coordinates())
    wavelength = corners[0, :, 0]
    assert (1 / wavelength[1:] > map_details.plane["freq_lon"]).all()
    assert (1 / wavelength[:-1] < map_details.plane["freq_lon"]).all()


def test_a_map_that_resolves_nothing_is_said_to(map_details: MapDetails) -> None:
    nothing = replace(
        map_details,
        plane=map_details.plane * 0 - np.inf,
        robust_plane=map_details.robust_plane * 0 - 3.0,
        contour=(),
        robust_boundary=np.empty((0, 2)),
    )
    figure = plane_figure(nothing, {"lambda_x": np.nan, "lambda_t": np.nan}, {})
    assert figure.get_suptitle() == "Robust reading: no scale of the map is resolved"
    assert "λx no crossing" in words(figure.axes[0])
    assert "λx not resolved" in words(figure.axes[1])
    assert np.ptp(pixels(figure)) > 0


@pytest.mark.parametrize("size", [0, 1])
def test_a_box_too_small_for_a_spectrum_is_drawn(map_details: MapDetails, size: int) -> None:
    small = map_details.plane.isel(freq_lon=slice(0, size), freq_time=slice(0, size))
    tiny = replace(map_details, plane=small, robust_plane=small, contour=(), robust_boundary=np.empty((0, 2)))
    figure = plane_figure(tiny, {}, {})
    assert ("too short" in words(figure.axes[0])) == (size == 0)
    assert np.ptp(pixels(figure)) > 0


# --- tracks


def test_spectra_run_from_long_to_short_waves_and_mark_both_readings(track_details: TrackDetails) -> None:
    robust = {"lambda_x": Interval(100.0, 90.0, 112.0)}
    figure = spectrum_figure(track_details, {"lambda_x": 48.76}, robust)
    top, bottom = figure.axes
    assert (top.get_xscale(), top.get_yscale()) == ("log", "log")
    assert bottom.get_xlim() == pytest.approx((1000.0, 1000.0 / 78))
    assert vertical_lines(bottom)[-2:] == [100.0, 48.76]
    assert figure.get_suptitle().endswith("down to 100 km are resolved along the track")
    legend = bottom.get_legend()
    assert legend is not None
    assert [text.get_text()[-7:] for text in legend.get_texts()] == [" 100 km", "48.8 km"]


def test_the_drawn_score_crosses_one_half_where_the_closed_form_does(track_details: TrackDetails) -> None:
    bottom = spectrum_figure(track_details, {}, {}).axes[1]
    curve = next(line for line in bottom.lines if line.get_marker() == ".")
    wavelength, score = np.asarray(curve.get_xdata()), np.asarray(curve.get_ydata())
    assert score[np.isclose(wavelength, 100.0)] == pytest.approx(0.5)


def test_a_perfect_map_has_no_error_to_draw(track_details: TrackDetails) -> None:
    perfect = replace(
        track_details, psd_error=0.0 * track_details.psd_error, psd_estimate=track_details.psd_reference
    )
    assert np.ptp(pixels(spectrum_figure(perfect, {"lambda_x": np.nan}, {}))) > 0


@pytest.mark.parametrize("length", [0, 79])
def test_a_track_without_a_segment_is_said_to_have_no_spectrum(
    track_details: TrackDetails, length: int
) -> None:
    nothing = np.full(length, np.nan)
    figure = spectrum_figure(
        replace(
            track_details,
            wavenumber=track_details.wavenumber[:length],
            psd_reference=nothing,
            psd_estimate=nothing,
            psd_error=nothing,
            segments=0,
        ),
        {"lambda_x": np.nan},
        {"lambda_x": Interval(np.nan, np.nan, np.nan)},
    )
    assert "No stretch of the track is long enough" in words(figure.axes[0])
    assert figure.get_suptitle() == "Robust reading: no wavelength along the track is resolved"
    assert np.ptp(pixels(figure)) > 0


def test_cells_hold_the_rms_of_their_samples(track_details: TrackDetails) -> None:
    figure = track_map_figure(track_details)
    rms = np.ma.asarray(mesh(figure.axes[1]).get_array()).compressed()
    assert {round(float(value), 9) for value in rms} >= {3.0, 4.0}
    assert rms.min() >= 3.0 - 1e-9
    assert rms.max() <= 4.0 + 1e-9


def test_the_map_of_a_track_shows_every_sample_on_a_symmetric_scale(track_details: TrackDetails) -> None:
    figure = track_map_figure(track_details)
    points = next(drawn for drawn in figure.axes[0].collections if isinstance(drawn, PathCollection))
    assert len(np.asarray(points.get_offsets())) == 400
    low, high = points.get_clim()
    assert -low == high == pytest.approx(4.0)
    assert figure.axes[0].get_xlim() == (-64.0, -55.0)
    assert figure.axes[0].get_ylim() == (33.0, 43.0)
    assert "over 400 samples" in figure.get_suptitle()


def test_a_track_without_samples_is_drawn(track_details: TrackDetails) -> None:
    none = np.empty(0)
    empty = replace(track_details, lon=none, lat=none, reference=none, estimate=none)
    assert "over 0 samples" in track_map_figure(empty).get_suptitle()


# --- observations


def observations(lon: list[float], lat: list[float], mission: list[int]) -> xr.Dataset:
    times = np.datetime64("2012-10-03", "ns") - np.arange(len(lon)) * np.timedelta64(1, "D")
    columns = {"time": times, "lon": lon, "lat": lat, "ssh": np.linspace(0, 1, len(lon)), "mission": mission}
    return xr.Dataset(
        {name: ("obs", np.asarray(values)) for name, values in columns.items()},
        attrs={"missions": ["Jason-1", "Envisat", "SWOT"]},
    )


def test_only_observations_in_the_box_are_drawn_and_their_missions_named() -> None:
    chosen = observations([-60.0, -58.0, -40.0], [35.0, 36.0, 36.0], [2, 0, 1])
    figure = observations_figure(chosen, (-65.0, -55.0, 33.0, 43.0))
    points = next(drawn for drawn in figure.axes[0].collections if isinstance(drawn, PathCollection))
    assert np.asarray(points.get_offsets()).tolist() == [[-60.0, 35.0], [-58.0, 36.0]]
    assert figure.axes[0].get_title(loc="left") == "Jason-1, SWOT"
    assert figure.get_suptitle() == "2 observations, 2012-10-02 to 2012-10-03"


def test_a_box_without_observations_is_said_to_have_none() -> None:
    figure = observations_figure(observations([10.0], [35.0], [0]), (-65.0, -55.0, 33.0, 43.0))
    assert figure.get_suptitle() == "No observation in the box"
    assert np.ptp(pixels(figure)) > 0


# --- by the length of the wave vector


def test_isotropic_score_marks_both_readings(neurips_evaluation: Evaluation) -> None:
    details = neurips_evaluation.details
    assert isinstance(details, MapDetails)
    figure = isotropic_figure(details, neurips_evaluation.official, neurips_evaluation.robust)
    assert vertical_lines(figure.axes[0]) == pytest.approx([100.0, 98.7654])
    assert figure.get_suptitle().endswith("down to 100 km are resolved in all directions")
    west, east = figure.axes[0].get_xlim()
    assert (west, east) == pytest.approx((400.0, 400.0 / 19))


def test_isotropic_score_that_nothing_resolves_says_so(neurips_evaluation: Evaluation) -> None:
    details = neurips_evaluation.details
    assert isinstance(details, MapDetails)
    figure = isotropic_figure(replace(details, robust_isotropic=None), {}, {})
    assert "no wavelength is resolved" in figure.get_suptitle()
    assert vertical_lines(figure.axes[0]) == []


def test_plane_of_the_other_profile_shows_degrees_and_tells_its_kilometres(
    neurips_evaluation: Evaluation,
) -> None:
    details = neurips_evaluation.details
    assert isinstance(details, MapDetails)
    figure = plane_figure(details, neurips_evaluation.official, neurips_evaluation.robust)
    wavelength = float(details.contour[0].min(axis=0)[0])
    assert f"λx {wavelength:.3g}°, told as 158 km" in words(figure.axes[0])
    assert wavelength in vertical_lines(figure.axes[0])
    empty = plane_figure(replace(details, contour=()), neurips_evaluation.official, {})
    assert "λx no crossing" in words(empty.axes[0])
