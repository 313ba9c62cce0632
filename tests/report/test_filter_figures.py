"""The pictures of filtered swaths: what they draw and what they say when there is nothing to draw."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure

from oceanbench.metrics.bootstrap import Interval
from oceanbench.report.denoising_figures import (
    denoised_figure,
    densities_figure,
    histograms_figure,
    similarity_figure,
)
from oceanbench.report.swath_figures import (
    across_figure,
    currents_figure,
    error_maps_figure,
    heights_figure,
    spectra_figure,
)
from tests.report.filtered_swaths import (
    ACROSS_KM,
    LINES,
    MEASURED,
    denoising_details,
    swath_details,
    swath_evaluation,
)


def values(axes: Axes) -> np.ma.MaskedArray:
    mesh = next(drawn for drawn in axes.collections if isinstance(drawn, QuadMesh))
    found = mesh.get_array()
    assert isinstance(found, np.ma.MaskedArray)
    return found


def limits(axes: Axes) -> tuple[float, float]:
    mesh = next(drawn for drawn in axes.collections if isinstance(drawn, QuadMesh))
    return mesh.get_clim()


def dots(axes: Axes) -> dict[tuple[float, float], str]:
    return {
        (float(np.ravel(line.get_xdata())[0]), float(np.ravel(line.get_ydata())[0])): str(line.get_color())
        for line in axes.lines
        if line.get_marker() == "o" and np.size(line.get_xdata()) == 1
    }


def drawn(figure: Figure) -> bool:
    canvas: Any = figure.canvas
    canvas.draw()
    return bool(np.ptp(np.asarray(canvas.buffer_rgba())[..., :3]) > 0)


def spectra_of() -> Figure:
    given = swath_evaluation()
    return spectra_figure(swath_details(), given.official, given.unfiltered, given.robust)


def test_three_heights_share_the_scale_of_the_truth_and_the_residual_is_symmetric() -> None:
    noisy, filtered, true, residual = heights_figure(swath_details()).axes[:4]
    assert limits(noisy) == limits(filtered) == limits(true)
    low, high = limits(residual)
    assert -low == high == pytest.approx(2.0, abs=0.02)


def test_a_slope_of_the_truth_is_taken_out_of_all_heights() -> None:
    noisy, filtered, true = heights_figure(swath_details()).axes[:3]
    flat = values(true)
    assert np.abs(flat).max() < 13.0  # the wave of 10 cm; the slope alone rises by 100 cm
    assert np.allclose(np.abs(values(noisy) - flat).compressed(), 1.2)
    assert np.allclose(np.abs(values(filtered) - flat).compressed(), 0.2)


def test_the_flight_runs_to_the_right_in_kilometres_and_the_gap_is_empty() -> None:
    noisy = heights_figure(swath_details()).axes[0]
    assert values(noisy).shape == (ACROSS_KM.size, LINES)
    assert noisy.get_xlim() == pytest.approx((-1.0, 2.0 * LINES - 1.0))
    assert np.array_equal(np.ma.getmaskarray(values(noisy))[:, 0], ~MEASURED)


def test_the_title_says_which_pass_and_what_is_left_of_the_noise() -> None:
    title = heights_figure(swath_details()).get_suptitle()
    assert title == "Pass 164, 30.0°N to 31.1°N: an error of 2 mm RMS is left of 12 mm"


def test_speed_and_vorticity_are_scaled_by_the_truth() -> None:
    panels = currents_figure(swath_details()).axes[:6]
    for column in (panels[0::2], panels[1::2]):
        assert len({limits(axes) for axes in column}) == 1
        assert limits(column[0])[1] < np.abs(values(column[0])).max()


def test_each_reading_is_a_dot_on_the_ratio_at_its_level() -> None:
    evaluation = swath_evaluation()
    bottom = spectra_of().axes[3]
    marked = dots(bottom)
    for name, level in (("lambda_snr1.ssh", 1.0), ("lambda_snr2.ssh", 0.5)):
        assert (evaluation.robust[name].value, level) in marked
    assert (evaluation.official["lambda_snr1.ssh"], 1.0) in marked


def test_the_drawn_ratio_is_one_where_the_closed_form_is() -> None:
    bottom = spectra_of().axes[3]
    curve = next(line for line in bottom.lines if line.get_label() == "ratio: filtered, robust")
    wavelength, ratio = np.asarray(curve.get_xdata()), np.asarray(curve.get_ydata())
    assert ratio == pytest.approx(25.0 / wavelength)


def test_a_wavelength_that_stands_for_no_crossing_is_no_dot() -> None:
    vorticity = spectra_of().axes[5]
    assert dots(vorticity) == {}
    assert [text.get_text() for text in vorticity.texts] == ["no crossing"]


def test_spectra_run_from_long_to_short_waves_and_stop_a_decade_below_the_truth() -> None:
    top = spectra_of().axes[0]
    assert top.get_xlim()[0] > top.get_xlim()[1]
    true = next(line for line in top.lines if line.get_label() == "truth")
    power = np.asarray(true.get_ydata())
    assert top.get_ylim()[0] == pytest.approx(0.1 * power.min())
    noisy = next(line for line in top.lines if line.get_label() == "no filter")
    assert top.get_ylim()[1] > np.max(np.asarray(noisy.get_ydata()))


def test_passes_shorter_than_a_segment_have_no_spectrum_and_say_so() -> None:
    details = swath_details()
    empty = details.robust_spectra * np.nan
    short = replace(details, robust_spectra=empty.assign(segments=("quantity", [0, 0, 0])))
    nothing = Interval(np.nan, np.nan, np.nan)
    robust = dict.fromkeys(("lambda_snr1.ssh", "lambda_snr2.ssh"), nothing)
    figure = spectra_figure(short, {}, {}, robust)
    assert "No stretch is as long" in figure.axes[0].texts[0].get_text()
    assert figure.get_suptitle().endswith("at no wavelength")
    assert drawn(figure)


def test_the_error_across_the_track_is_drawn_by_column_with_the_gap_open() -> None:
    figure = across_figure(swath_details())
    noisy, filtered = figure.axes[0].lines
    assert np.array_equal(np.asarray(noisy.get_xdata()), ACROSS_KM)
    assert np.array_equal(np.isnan(np.asarray(filtered.get_ydata(), dtype=float)), ~MEASURED)
    assert len(figure.axes[0].patches) == 3  # the gap and what lies beyond either swath
    assert figure.get_suptitle().startswith(
        "Heights after the filter: 2.5 mm at best, 3.9 mm at worst, 56 km"
    )


def test_maps_of_the_error_are_cut_to_their_cells_and_give_the_share_that_is_left() -> None:
    figure = error_maps_figure(swath_details())
    assert figure.axes[0].get_xlim() == pytest.approx((-50.5, -44.5))
    assert np.allclose(values(figure.axes[0]), 3.0)
    assert np.allclose(values(figure.axes[1]), 0.25)
    assert "24 cells" in figure.get_suptitle()


def test_discontinuities_stand_beside_the_heights_with_their_share_of_all_pixels() -> None:
    figure = denoised_figure(denoising_details())
    assert figure.get_suptitle() == (
        "Cycle 507, pass 20, 30.0°N to 31.1°N: 1.2 cm RMS removed, discontinuities 25.0 % → 1.0 %"
    )
    noisy, flags = figure.axes[0], figure.axes[1]
    assert set(np.unique(values(flags).compressed())) == {0.0, 1.0}
    assert values(noisy).shape == values(flags).shape


def test_spectra_and_histograms_have_three_curves_of_each_quantity() -> None:
    for figure in (densities_figure(denoising_details()), histograms_figure(denoising_details())):
        for axes in figure.axes[:3]:
            labels = [str(line.get_label()) for line in axes.lines]
            assert labels == ["no filter", "denoised", "removed: no filter − denoised"]
            assert axes.get_yscale() == "log"


def test_similarity_is_drawn_by_pair_and_missing_pairs_are_said() -> None:
    details = denoising_details()
    axes = similarity_figure(details).axes[0]
    denoised = next(line for line in axes.lines if line.get_label() == "denoised")
    assert np.asarray(denoised.get_xdata()).tolist() == [507, 508, 509]
    alone = replace(details, similarity=details.similarity.isel(pair=slice(0, 0)))
    figure = similarity_figure(alone)
    assert figure.get_suptitle() == "No consecutive cycles"
    assert "two consecutive cycles" in figure.axes[0].texts[0].get_text()


def test_stretches_without_a_value_are_drawn() -> None:
    details, other = swath_details(), denoising_details()
    assert drawn(heights_figure(replace(details, shown=details.shown * np.nan)))
    nothing = other.shown.assign(
        {name: other.shown[name] * np.nan for name in ("noisy", "denoised", "residual")}
    )
    assert drawn(denoised_figure(replace(other, shown=nothing)))
