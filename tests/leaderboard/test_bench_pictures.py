"""The pictures of a bench: one colour scale for all methods, and the numbers that they show."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure

from oceanbench.catalog import load_challenge
from oceanbench.data import read_truth_of
from oceanbench.interpolation import interpolate_to_grid
from oceanbench.metrics.bootstrap import Interval
from oceanbench.score import Evaluation, MapDetails, TrackDetails
from oceanbench_leaderboard.bench.errors import ErrorMaps, error_maps
from oceanbench_leaderboard.bench.map_figures import errors_figure, formal_figure, heights_figure
from oceanbench_leaderboard.bench.panels import columns_for
from oceanbench_leaderboard.bench.plane_figures import planes_figure
from oceanbench_leaderboard.bench.score_figures import days_figure, scores_figure
from oceanbench_leaderboard.bench.track_figures import cells_figure, scales_figure, track_heights_figure

Make = Callable[..., Evaluation]
LON, LAT = np.arange(-40.0, -34.9, 0.5), np.arange(20.0, 23.1, 0.5)
DAYS = np.arange("2015-06-01", "2015-06-05", dtype="datetime64[D]").astype("datetime64[ns]")


def field(values: float | np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> xr.DataArray:
    whole = np.broadcast_to(np.asarray(values, dtype=np.float64), (LAT.size, LON.size)).copy()
    return xr.DataArray(whole, {"lat": LAT, "lon": LON}, ("lat", "lon"))


def daily(value: float) -> xr.DataArray:
    return xr.DataArray(np.full(DAYS.size, value), {"time": DAYS}, ("time",))


def map_details(offset: float) -> MapDetails:
    """A map that is off by a constant, in metres."""
    truth = field(LON - LON.mean())
    frequency = np.arange(1, 6) / 10.0
    plane = xr.DataArray(
        np.tile(np.linspace(1.0, -0.2, 5), (5, 1)),
        {"freq_time": frequency, "freq_lon": frequency},
        ("freq_time", "freq_lon"),
    )
    return MapDetails(
        date=DAYS[2],
        truth=truth,
        estimate=truth + offset,
        daily=daily(1.0 - offset),
        rmse=daily(offset),
        plane=plane,
        contour=(),
        robust_plane=plane,
        robust_boundary=np.empty((0, 2)),
    )


def track_details(offset: float) -> TrackDetails:
    """A map that is off by a constant along a track of a hundred samples."""
    count = 100
    wavenumber = np.arange(0.0, 0.05, 0.005)
    return TrackDetails(
        time=DAYS[2] + np.arange(count) * np.timedelta64(60, "s"),
        lon=np.linspace(LON[0], LON[-1] - 0.1, count),
        lat=np.linspace(LAT[0], LAT[-1] - 0.1, count),
        reference=np.linspace(0.0, 1.0, count),
        estimate=np.linspace(0.0, 1.0, count) + offset,
        daily=daily(1.0 - offset),
        rmse=daily(offset),
        wavenumber=wavenumber,
        psd_reference=np.ones(wavenumber.size),
        psd_estimate=np.ones(wavenumber.size),
        psd_error=np.full(wavenumber.size, offset),
        segments=3,
    )


def meshes(figure: Figure) -> list[QuadMesh]:
    return [
        part
        for axes in figure.axes
        if axes.get_visible() and axes.get_title(loc="left")
        for part in axes.collections
        if isinstance(part, QuadMesh)
    ]


def headings(figure: Figure) -> list[str]:
    return [text for axes in figure.axes if axes.get_visible() and (text := axes.get_title(loc="left"))]


def panel(figure: Figure, start: str) -> Axes:
    return next(axes for axes in figure.axes if axes.get_title(loc="left").startswith(start))


def test_truth_and_all_maps_share_one_colour_scale() -> None:
    figure = heights_figure({name: map_details(offset) for name, offset in (("a", 0.1), ("b", 2.0))})
    assert [text.split(":")[0] for text in headings(figure)] == ["truth", "a", "b"]
    assert len({mesh.get_clim() for mesh in meshes(figure)}) == 1


def test_errors_of_all_methods_share_a_scale_symmetric_about_zero_that_holds_the_worst() -> None:
    figure = errors_figure({"a": map_details(0.1), "b": map_details(-0.3)})
    ((low, high),) = {mesh.get_clim() for mesh in meshes(figure)}
    assert (low, high) == pytest.approx((-30.0, 30.0))
    assert headings(figure) == ["a: 10.0 cm RMS", "b: 30.0 cm RMS"]
    assert figure.get_suptitle() == "2015-06-03: a is off least, by 10.0 cm RMS"


@pytest.mark.parametrize("count", [1, 2, 5])
def test_formal_error_stands_above_the_real_one_of_the_same_method(count: int) -> None:
    errors = {f"m{place}": ErrorMaps(field(0.1), field(0.2)) for place in range(count)}
    figure = formal_figure(errors)
    assert len(meshes(figure)) == 2 * count
    assert sorted(headings(figure)) == sorted(
        f"m{place}: {text}" for place in range(count) for text in ("formal, 10.0 cm", "real, 20.0 cm")
    )
    assert len({mesh.get_clim() for mesh in meshes(figure)}) == 1
    assert "0.50" in figure.get_suptitle()


def test_no_row_of_panels_holds_more_than_four_and_none_is_left_nearly_empty() -> None:
    for count in range(1, 20):
        columns = columns_for(count)
        rows = -(-count // columns)
        assert columns <= 4
        assert rows * columns - count < rows


def test_planes_tell_what_each_method_resolves_and_which_resolves_most() -> None:
    robust = {
        "a": {"lambda_x": Interval(2.5, 2.0, 3.0), "lambda_t": Interval(10.0, 9.0, 11.0)},
        "b": {"lambda_x": Interval(np.nan, np.nan, np.nan), "lambda_t": Interval(np.nan, np.nan, np.nan)},
    }
    figure = planes_figure({"a": map_details(0.1), "b": map_details(0.2)}, robust)
    assert headings(figure) == ["a: 2.50°, 10.0 d", "b: nothing resolved"]
    assert figure.get_suptitle() == "a resolves the shortest waves: 2.50° of longitude"


def test_published_numbers_are_diamonds_marked_as_another_oceans(make_evaluation: Make) -> None:
    twin, home = load_challenge("2020a-twin"), load_challenge("2020a")
    robust = {"mu": Interval(0.81, 0.79, 0.83)}
    scores = {"oi": make_evaluation("2020a-twin", official={"mu": 0.8}, robust=robust)}
    figure = scores_figure(twin, scores, {"oi": {"mu": 0.83}}, home)
    lines = panel(figure, "µ").get_lines()
    (printed,) = [line for line in lines if line.get_marker() == "D" and len(line.get_xdata())]
    assert list(printed.get_xdata()) == [0.83]
    (bar,) = [line for line in lines if len(line.get_xdata()) == 2]
    assert list(bar.get_xdata()) == [0.79, 0.83]
    (legend,) = figure.legends
    assert legend.get_texts()[-1].get_text() == "published for 2020a, another ocean"
    assert figure.get_suptitle() == "Best µ: 0.800, oi"


def test_nothing_is_said_of_published_numbers_where_there_are_none(make_evaluation: Make) -> None:
    challenge = load_challenge("medsea-2021")
    scores = {"oi": make_evaluation("medsea-2021", "5 nadirs", official={"mu": 0.7, "lambda_x": np.nan})}
    (legend,) = scores_figure(challenge, scores, {}, challenge).legends
    assert not any("published" in text.get_text() for text in legend.get_texts())


def test_days_have_one_line_for_each_method_and_name_its_spread() -> None:
    details = {"a": map_details(0.1), "b": track_details(0.2)}
    spreads = [float(np.nanstd(one.daily.to_numpy())) for one in details.values()]
    labels = [str(line.get_label()) for line in days_figure(details).axes[0].get_lines()]
    assert labels == [f"a ({spreads[0]:.3f})", f"b ({spreads[1]:.3f})"]


def test_error_along_a_track_is_the_same_in_every_cell_where_the_map_is_off_by_a_constant() -> None:
    figure = cells_figure({"a": track_details(0.05), "b": track_details(0.02)})
    values = [np.ma.compressed(mesh.get_array()) for mesh in meshes(figure)]
    assert values[0] == pytest.approx(5.0)
    assert values[1] == pytest.approx(2.0)
    assert figure.get_suptitle() == "Along the withheld track b is off least, by 2.00 cm RMS"


def test_score_by_wavelength_is_one_less_the_ratio_of_spectra() -> None:
    axes = scales_figure({"a": track_details(0.25)}).axes[0]
    (line,) = [line for line in axes.get_lines() if line.get_label() == "a"]
    assert np.asarray(line.get_ydata()) == pytest.approx(0.75)
    assert np.asarray(line.get_xdata()) == pytest.approx(1.0 / np.arange(0.005, 0.05, 0.005))


def test_maps_of_one_day_are_blank_on_land_and_show_the_samples_of_that_day(tmp_path: Path) -> None:
    heights = np.broadcast_to(np.arange(DAYS.size)[:, None, None], (DAYS.size, LAT.size, LON.size))
    maps = xr.Dataset(
        {"ssh": (("time", "lat", "lon"), heights * 1.0)}, {"time": DAYS, "lat": LAT, "lon": LON}
    )
    maps.to_netcdf(tmp_path / "a.nc")
    land = field(0.0).where(field(LON) > -37.0)
    figure = track_heights_figure({"a": track_details(0.1)}, {"a": tmp_path / "a.nc"}, land)
    (mesh,) = meshes(figure)
    drawn = np.ma.getdata(mesh.get_array())[~np.ma.getmaskarray(mesh.get_array())]
    assert drawn.size == int(land.notnull().sum())
    assert np.unique(drawn) == [2.0]
    assert figure.get_suptitle() == "2015-06-03: maps, and 100 samples of the withheld altimeter"


def test_formal_and_real_error_of_a_map_off_by_a_constant_are_these_constants(tmp_path: Path) -> None:
    challenge = load_challenge("2020a-twin")
    times = np.arange("2012-10-22", "2012-10-25", dtype="datetime64[D]").astype("datetime64[ns]")
    lon, lat = np.arange(-60.0, -58.9, 0.2), np.arange(36.0, 37.1, 0.2)
    truth = interpolate_to_grid(read_truth_of(challenge), lon, lat, times)
    maps = xr.Dataset({"ssh": truth + 0.04, "ssh_error": xr.full_like(truth, 0.03)})
    maps.drop_encoding().to_netcdf(tmp_path / "a.nc")
    found = error_maps(challenge, tmp_path / "a.nc")
    assert found is not None
    np.testing.assert_allclose(found.formal, 0.03, rtol=1e-12)
    np.testing.assert_allclose(found.real, 0.04, rtol=1e-9)


def test_map_without_formal_error_has_none_to_compare(tmp_path: Path) -> None:
    xr.Dataset({"ssh": field(0.0)}).to_netcdf(tmp_path / "a.nc")
    assert error_maps(load_challenge("2020a-twin"), tmp_path / "a.nc") is None
    assert error_maps(load_challenge("medsea-2021"), tmp_path / "a.nc") is None
