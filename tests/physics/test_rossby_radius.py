"""The atlas of the Rossby radius: reading, interpolation, and what is said where it is absent."""

from pathlib import Path

import numpy as np
import pytest

from oceanbench.physics.rossby_radius import find_rossby_atlas, read_rossby_atlas

ROWS = ((10.5, 359.5, 2.0, 40.0), (10.5, 0.5, 3.0, 60.0), (11.5, 0.5, 5.0, 80.0), (-20.5, 200.5, 2.5, 50.0))


def atlas_file(folder: Path, rows: tuple[tuple[float, ...], ...] = ROWS, name: str = "rossrad.dat") -> Path:
    path = folder / name
    path.write_text("".join(" ".join(f"{value:9.3f}" for value in row) + "\n" for row in rows))
    return path


def test_values_at_the_middles_of_boxes_are_those_of_the_file(tmp_path: Path) -> None:
    atlas = read_rossby_atlas(atlas_file(tmp_path))
    assert atlas.radius_at([-0.5, 0.5, -159.5, 200.5], [10.5, 10.5, -20.5, -20.5]) == pytest.approx(
        [40.0, 60.0, 50.0, 50.0]
    )
    assert atlas.speed_at(0.5, 11.5) == pytest.approx(5.0)
    assert np.isfinite(atlas.radius).sum() == len(ROWS)


def test_between_boxes_it_is_bilinear_across_the_meridian_of_greenwich(tmp_path: Path) -> None:
    atlas = read_rossby_atlas(atlas_file(tmp_path))
    assert atlas.radius_at([0.0, 360.0, -0.25], 10.5) == pytest.approx([50.0, 50.0, 45.0])


def test_boxes_of_land_do_not_count(tmp_path: Path) -> None:
    atlas = read_rossby_atlas(atlas_file(tmp_path))
    assert atlas.radius_at(0.5, 11.0) == pytest.approx(70.0)
    assert atlas.radius_at(0.9, 11.4) == pytest.approx(0.9 * 80.0 + 0.1 * 60.0)


def test_on_land_it_is_that_of_the_nearest_ocean(tmp_path: Path) -> None:
    atlas = read_rossby_atlas(atlas_file(tmp_path))
    assert atlas.radius_at([-3.0, 175.0], [10.0, -40.0]).tolist() == [40.0, 50.0]


def test_it_is_found_in_the_data_folder_under_both_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OCEANBENCH_DATA", str(tmp_path))
    (tmp_path / "aux").mkdir()
    nested = atlas_file(tmp_path / "aux", name="rossrad_chelton1998.dat")
    assert find_rossby_atlas() == nested
    direct = atlas_file(tmp_path)
    assert find_rossby_atlas() == direct
    assert find_rossby_atlas(tmp_path / "aux") == nested


def test_where_it_is_absent_the_error_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OCEANBENCH_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"rossrad\.dat .* put it there, or give its path"):
        read_rossby_atlas()
    with pytest.raises(FileNotFoundError, match="elsewhere"):
        read_rossby_atlas(tmp_path / "elsewhere")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (((10.5, 0.5, 3.0),), "3 columns; the atlas has four"),
        (((10.0, 0.5, 3.0, 60.0),), "middles of boxes of 1 degree"),
        (((100.5, 0.5, 3.0, 60.0),), "middles of boxes of 1 degree"),
        (((10.5, 0.5, 3.0, -60.0),), "radii above 0"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, rows: tuple[tuple[float, ...], ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_rossby_atlas(atlas_file(tmp_path, rows))


def test_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "rossrad.dat").write_text("not an atlas\n")
    with pytest.raises(ValueError, match="not the atlas of the Rossby radius"):
        read_rossby_atlas(tmp_path)


def test_a_place_that_is_nowhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="finite"):
        read_rossby_atlas(atlas_file(tmp_path)).radius_at(np.nan, 10.0)


def test_the_published_atlas_has_the_radius_of_the_gulf_stream_and_of_the_mediterranean(shared: Path) -> None:
    atlas = read_rossby_atlas(shared / "data" / "aux")
    assert atlas.radius_at(-57.5, 38.5) == pytest.approx(29.604)
    assert atlas.speed_at(14.5, 38.5) == pytest.approx(0.978)
    assert atlas.radius_at(-100.0, 40.0) > 0  # land
    zonal = np.nanmedian(atlas.radius[20:170], axis=1)
    assert zonal[90 - 20] > 200.0  # equator
    assert zonal[150 - 20] == pytest.approx(9.5, abs=1.5)  # 60.5 degrees north
    # Gravity waves of that speed have that radius, away from the equator: Ld = c / f.
    f = 2 * 7.2921e-5 * np.sin(np.deg2rad(atlas.lat))[:, None]
    ratio = (atlas.speed / np.abs(f) / 1000.0 / atlas.radius)[np.abs(atlas.lat) > 10.0]
    assert np.nanmedian(ratio) == pytest.approx(1.0, abs=0.02)
