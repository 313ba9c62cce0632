"""Filtered swaths as they are submitted: paired by number, refused with all that is wrong."""

import hashlib
import os

import netCDF4
import numpy as np
import pytest
import xarray as xr

from oceanbench.submission import SubmissionError, open_filtered
from oceanbench.swaths import joined, open_passes, open_swath, pass_file_name, write_pass

DIMS = ("num_lines", "num_pixels")
NUMBERS = (5, 44, 582)


def one_pass(number, *, lines=4, cycle=13):
    """A noisy pass; its heights tell its number."""
    start = np.datetime64("2010-03-08T10:42:00", "ns") + np.timedelta64(600 * number + 86_400 * cycle, "s")
    along, across = 0.018 * np.arange(lines)[:, None], 0.02 * np.arange(71)
    ssh = 0.001 * number + 0.001 * np.arange(lines * 71, dtype=float).reshape(lines, 71)
    ssh[:, 31:40] = np.nan
    return xr.Dataset(
        {"ssh": (DIMS, ssh)},
        coords={
            "time": ("num_lines", start + np.arange(lines) * np.timedelta64(300, "ms")),
            "lon": (DIMS, np.round(-0.7 + across + 0.0 * along, 6)),
            "lat": (DIMS, np.round(0.1 * number + along + 0.002 * across, 6)),
        },
        attrs={"cycle_number": cycle, "pass_number": number},
    )


@pytest.fixture
def inputs():
    return {number: one_pass(number) for number in NUMBERS}


@pytest.fixture
def folder(tmp_path, inputs):
    """A folder of filtered passes: 1 cm below the noisy ones."""
    home = tmp_path / "mine"
    home.mkdir()
    for swath in inputs.values():
        put(home, swath - 0.01, like=swath)
    return home


def put(home, swath, *, like, name=None, **changes):
    """Write a pass into a folder, under another name or number if told."""
    attributes = {**like.attrs, **changes}
    named = swath.assign_attrs(attributes)
    return write_pass(named, home / (name or pass_file_name(named)), attributes={"title": "mine"})


def rewritten(path, change):
    """Change a written file as someone would who has other habits."""
    with xr.open_dataset(path, decode_cf=True) as dataset:
        changed = change(dataset.load())
    changed.to_netcdf(path)


def problems(source, inputs, **options):
    with pytest.raises(SubmissionError) as caught:
        open_filtered(source, inputs, **options)
    return [str(problem) for problem in caught.value.problems]


def check_all(filtered, inputs, tolerance=1e-6):
    assert list(filtered.passes) == list(inputs)
    for number, swath in inputs.items():
        found = filtered.passes[number]
        assert found["ssh"].dims == DIMS
        assert found["ssh"].dtype == np.float64
        assert found["ssh"].chunks is not None
        assert found["ssh"].attrs == {"units": "m"}
        assert found.attrs == swath.attrs
        xr.testing.assert_identical(found.coords.to_dataset(), swath.coords.to_dataset())
        np.testing.assert_allclose(found["ssh"], swath["ssh"] - 0.01, rtol=0, atol=tolerance)


# --- what is accepted


def test_folder_of_passes_is_paired_by_number_whatever_the_files_are_called(tmp_path, inputs):
    for name, number in zip("cab", NUMBERS, strict=True):
        put(tmp_path, inputs[number] - 0.01, like=inputs[number], name=f"{name}.nc")
    filtered = open_filtered(tmp_path, inputs)
    check_all(filtered, inputs)
    assert filtered.notes == []
    assert filtered.source == repr(str(tmp_path))
    assert filtered.variable == "ssh_karin_filt"
    assert filtered.attributes["title"] == "mine"


@pytest.mark.parametrize("form", ["netcdf", "zarr"])
def test_file_or_zarr_folder_that_joins_all_passes_gives_the_same(tmp_path, inputs, form):
    whole = joined({number: (swath - 0.01).assign_attrs(swath.attrs) for number, swath in inputs.items()})
    path = tmp_path / "all"
    whole.to_netcdf(path) if form == "netcdf" else whole.to_zarr(path, consolidated=False)
    filtered = open_filtered(path, inputs)
    check_all(filtered, inputs, 1e-12)
    assert filtered.notes == []


def test_list_of_files_is_taken_as_it_is(folder, inputs):
    filtered = open_filtered(sorted(folder.iterdir(), reverse=True), inputs)
    check_all(filtered, inputs)
    assert filtered.source.startswith("3 files, the first '")


def test_files_without_numbers_are_known_by_their_times(tmp_path, inputs):
    whole = joined({number: (swath - 0.01).assign_attrs(swath.attrs) for number, swath in inputs.items()})
    whole.drop_vars(["pass_number", "cycle_number"]).to_netcdf(tmp_path / "all.nc")
    filtered = open_filtered(tmp_path / "all.nc", inputs)
    check_all(filtered, inputs)
    assert filtered.notes == ["all.nc tells no pass number: its lines are known by their times."]


def test_passes_of_several_cycles_are_paired_by_both_numbers(tmp_path):
    inputs = {(cycle, number): one_pass(number, cycle=cycle) for cycle in (507, 508) for number in (3, 16)}
    whole = joined({key: (swath - 0.01).assign_attrs(swath.attrs) for key, swath in inputs.items()})
    whole.to_netcdf(tmp_path / "all.nc")
    check_all(open_filtered(tmp_path / "all.nc", inputs), inputs)
    part = whole.isel(num_lines=slice(4, None))
    part.to_netcdf(tmp_path / "part.nc")
    (sentence,) = problems(tmp_path / "part.nc", inputs)
    assert sentence.startswith("1 of 4 passes are missing: 3 of cycle 507; expected")


def test_heights_are_not_read_when_swaths_are_opened(folder, inputs, monkeypatch):
    read = []
    original = netCDF4.Variable.__getitem__

    def spy(self, index):
        read.append(self.name)
        return original(self, index)

    monkeypatch.setattr(netCDF4.Variable, "__getitem__", spy)
    filtered = open_filtered(folder, inputs)
    assert {"time", "latitude", "longitude"} <= set(read)
    assert "ssh_karin_filt" not in read
    filtered.passes[5]["ssh"].load()
    assert "ssh_karin_filt" in read


def test_digest_is_of_the_one_file_or_of_all_with_their_names(folder, inputs):
    only = folder / "ssh_karin_filt_013_005.nc"
    one = open_filtered(only, {5: inputs[5]})
    assert one.sha256 == hashlib.sha256(only.read_bytes()).hexdigest()
    both = open_filtered(folder, inputs).sha256
    (folder / "README.md").write_text("not part of it")
    assert open_filtered(folder, inputs).sha256 == both
    only.rename(folder / "other.nc")
    assert open_filtered(folder, inputs).sha256 != both


def test_what_is_no_pass_in_the_folder_is_left_aside_with_a_note(folder, inputs):
    (folder / "README.md").write_text("mine")
    (folder / ".DS_Store").write_bytes(b"\0")
    (folder / "figures").mkdir()
    notes = open_filtered(folder, inputs).notes
    assert notes == ["Left aside in the folder: .DS_Store, README.md, figures."]


def test_six_real_passes_are_accepted_when_their_noisy_heights_are_named(shared):
    source = shared / "data/odc2022a_karin/dc_inputs"
    inputs = open_passes(source, variables=["ssh_karin"])
    filtered = open_filtered(source, inputs, variable="ssh_karin")
    assert list(filtered.passes) == [164, 207, 248, 276, 421, 554]
    assert filtered.notes == ["No unit is given: heights were taken as metres."]
    np.testing.assert_array_equal(filtered.passes[276]["ssh"], inputs[276]["ssh_karin"])


# --- passes that do not pair


def test_missing_extra_and_repeated_passes_are_named_all_at_once(folder, inputs):
    (folder / "ssh_karin_filt_013_044.nc").unlink()
    put(folder, one_pass(600), like=one_pass(600))
    put(folder, inputs[5], like=inputs[5], name="again.nc")
    twice, extra, missing = problems(folder, inputs)
    assert twice.startswith("pass 5 twice: in '")
    assert "again.nc' and '" in twice
    assert extra.startswith("passes that are not among the inputs: 600 of cycle 13 in '")
    assert (
        missing == "1 of 3 passes are missing: 44; expected a filtered pass for each input; filter them too"
    )


def test_files_with_swapped_numbers_are_refused_with_the_passes_their_times_are_of(tmp_path, inputs):
    for number, other in ((5, 44), (44, 5), (582, 582)):
        put(tmp_path, inputs[number], like=inputs[number], pass_number=other)
    assert [sentence.split(";")[0] for sentence in problems(tmp_path, inputs)] == [
        "pass 5: its file is under the wrong number: it has the times of pass 44",
        "pass 44: its file is under the wrong number: it has the times of pass 5",
    ]


def test_swapped_passes_of_unequal_length_are_found_out_too(tmp_path):
    inputs = {5: one_pass(5), 44: one_pass(44, lines=6)}
    put(tmp_path, inputs[5], like=inputs[5], pass_number=44)
    put(tmp_path, inputs[44], like=inputs[44], pass_number=5)
    first, second = problems(tmp_path, inputs)
    assert first.startswith("pass 5: it has 6 x 71 lines x pixels, and the times of pass 44; expected 4 x 71")
    assert second.startswith(
        "pass 44: it has 4 x 71 lines x pixels, and the times of pass 5; expected 6 x 71"
    )


def test_passes_of_another_cycle_are_said_once(tmp_path, inputs):
    for number in NUMBERS:
        put(tmp_path, one_pass(number, cycle=12), like=one_pass(number, cycle=12))
    found = problems(tmp_path, inputs)
    assert found[0].startswith("passes 5, 44, 582: it is of cycle 12; expected cycle 13")


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (
            lambda swath: swath.isel(num_lines=slice(3)),
            "pass 44: it has 3 x 71 lines x pixels; expected 4 x 71",
        ),
        (lambda swath: swath.isel(num_pixels=slice(69)), "pass 44: it has 4 x 69 lines x pixels"),
        (lambda swath: swath.isel(num_lines=slice(None, None, -1)), "pass 44: its lines run backwards"),
        (
            lambda swath: swath.isel(num_pixels=slice(None, None, -1)),
            "pass 44: its pixels run from the other side",
        ),
        (
            lambda swath: swath.assign_coords(time=swath.time + np.timedelta64(250, "ms")),
            r"pass 44: its times are up to 0\.25 s from those of the input",
        ),
        (
            lambda swath: swath.assign_coords(time=swath.time.where(swath.num_lines != 2)),
            "pass 44: 1 of its times are missing",
        ),
        (
            lambda swath: swath.assign_coords(lat=swath.lat + 0.02 * (np.arange(71) == 70)),
            r"4 of its positions are not .*, the first on line 0, pixel 70: 0\.7 E, 4\.4228 N; .* 4\.4028 N",
        ),
        (
            lambda swath: swath.assign_coords(lon=swath.lon.where(np.arange(71) != 7)),
            "positions are not those of the input, the first on line 0, pixel 7: nan E",
        ),
    ],
    ids=["lines", "pixels", "backwards", "mirrored", "later", "NaT", "moved", "lost"],
)
def test_samples_that_are_not_those_of_the_input_are_refused(folder, inputs, change, match):
    spoilt = change(inputs[44].assign_coords(num_lines=np.arange(4))).drop_vars("num_lines")
    put(folder, spoilt, like=inputs[44])
    with pytest.raises(SubmissionError, match=match):
        open_filtered(folder, inputs)


def test_positions_and_times_rounded_on_the_way_are_the_same(folder, inputs):
    def single(dataset):
        dataset["longitude"] = dataset["longitude"].astype("f4").drop_encoding()
        dataset["time"] = dataset["time"] + np.timedelta64(4, "ms")
        return dataset

    rewritten(folder / "ssh_karin_filt_013_044.nc", single)
    check_all(open_filtered(folder, inputs), inputs)


def test_joined_passes_under_the_number_of_the_first_are_refused_with_the_cure(tmp_path, inputs):
    whole = joined(inputs).drop_vars(["pass_number", "cycle_number"]).assign_attrs(pass_number=5)
    whole.to_netcdf(tmp_path / "all.nc")
    first, missing = problems(tmp_path / "all.nc", inputs)
    assert first.startswith("pass 5: it has 12 x 71 lines x pixels; expected 4 x 71 as in the input")
    assert first.endswith("in a file that joins passes give pass_number along num_lines")
    assert missing.startswith("2 of 3 passes are missing: 44, 582")


def test_lines_without_a_number_at_a_time_of_no_pass_are_refused(tmp_path, inputs):
    whole = joined({5: inputs[5], 44: one_pass(44, cycle=14), 582: inputs[582]})
    whole.drop_vars(["pass_number", "cycle_number"]).to_netcdf(tmp_path / "all.nc")
    found = problems(tmp_path / "all.nc", inputs)
    assert "all.nc cannot be read: it tells no pass number, and line 4 at 2010-03-22" in found[0]


def test_no_more_than_20_problems_are_listed_and_the_others_counted(tmp_path):
    inputs = {number: one_pass(number, lines=2) for number in range(1, 26)}
    for number, swath in inputs.items():
        shifted = swath.assign_coords(time=swath.time + np.timedelta64(100 + number, "ms"))
        put(tmp_path, shifted, like=swath)
    found = problems(tmp_path, inputs)
    assert len(found) == 21
    assert found[-1].startswith("5 further problems; expected none")


def test_nothing_to_pair_with_is_an_error_of_the_caller(folder):
    with pytest.raises(ValueError, match="there is no input to pair"):
        open_filtered(folder, {})


# --- the height


def changed_height(folder, change):
    for path in folder.glob("*.nc"):
        rewritten(path, change)


def test_centimetres_are_converted_with_one_note(folder, inputs):
    def to_cm(dataset):
        dataset["ssh_karin_filt"] = (
            (100.0 * dataset["ssh_karin_filt"]).assign_attrs(units="cm").drop_encoding()
        )
        return dataset

    changed_height(folder, to_cm)
    filtered = open_filtered(folder, inputs)
    check_all(filtered, inputs)
    assert filtered.notes == ["Heights were converted from cm to metres."]


def test_one_pass_in_another_unit_is_named(folder, inputs):
    def to_mm(dataset):
        dataset["ssh_karin_filt"] = (
            (1000.0 * dataset["ssh_karin_filt"]).assign_attrs(units="mm").drop_encoding()
        )
        return dataset

    rewritten(folder / "ssh_karin_filt_013_044.nc", to_mm)
    filtered = open_filtered(folder, inputs)
    check_all(filtered, inputs)
    assert filtered.notes == ["Pass 44: Heights were converted from mm to metres."]


def test_packed_heights_are_unpacked(folder, inputs):
    packed = {"dtype": "int32", "scale_factor": 1e-4, "_FillValue": np.int32(2147483647)}
    for path in folder.glob("*.nc"):
        with xr.open_dataset(path) as dataset:
            loaded = dataset.load()
        loaded.to_netcdf(path, encoding={"ssh_karin_filt": packed})
    filtered = open_filtered(folder, inputs)
    check_all(filtered, inputs, 5.1e-5)
    assert filtered.notes == []


def test_whole_numbers_are_taken_with_a_note(folder, inputs):
    def to_whole(dataset):
        dataset["ssh_karin_filt"] = dataset["ssh_karin_filt"].fillna(0.0).astype("i4").drop_encoding()
        return dataset

    changed_height(folder, to_whole)
    assert open_filtered(folder, inputs).notes == ["Whole numbers (int32) were read as real ones."]


def test_heights_in_no_length_are_refused_once(folder, inputs):
    def spoil(dataset):
        dataset["ssh_karin_filt"].attrs["units"] = "fathom"
        return dataset

    changed_height(folder, spoil)
    (sentence,) = problems(folder, inputs)
    assert sentence.startswith("passes 5, 44, 582: heights are in 'fathom'; expected m, cm or mm")


def test_heights_written_as_text_are_refused(folder, inputs):
    def spoil(dataset):
        dataset["ssh_karin_filt"] = dataset["ssh_karin_filt"].astype(str).drop_encoding()
        return dataset

    rewritten(folder / "ssh_karin_filt_013_044.nc", spoil)
    (sentence,) = problems(folder, inputs)
    assert sentence.startswith("pass 44: heights are of type <U")


def test_complex_heights_are_refused(tmp_path, inputs):
    whole = joined(inputs)
    whole["ssh_karin_filt"] = whole["ssh_karin_filt"].astype(complex)
    whole.to_zarr(tmp_path / "all.zarr", consolidated=False)
    (sentence,) = problems(tmp_path / "all.zarr", inputs)
    assert sentence.startswith("passes 5, 44, 582: heights are of type complex128; expected real numbers")


def test_only_variable_of_another_name_is_taken_with_a_note(folder, inputs):
    changed_height(folder, lambda dataset: dataset.rename(ssh_karin_filt="smooth"))
    filtered = open_filtered(folder, inputs)
    check_all(filtered, inputs)
    assert filtered.variable == "smooth"
    assert filtered.notes == ["The height is 'smooth', as there is no ssh_karin_filt."]


def test_several_likely_variables_are_refused_unless_one_is_named(folder, inputs):
    def both(dataset):
        renamed = dataset.rename(ssh_karin_filt="smooth")
        return renamed.assign(rough=renamed["smooth"] + 1.0)

    changed_height(folder, both)
    (sentence,) = problems(folder, inputs)
    assert "several variables may be the height: smooth, rough" in sentence or "rough, smooth" in sentence
    assert open_filtered(folder, inputs, variable="smooth").variable == "smooth"
    (sentence,) = problems(folder, inputs, variable="smoth")
    assert "there is no variable 'smoth'; expected one of" in sentence


def test_truth_and_noise_of_the_inputs_are_never_taken_for_the_filtered_height(folder, inputs):
    height = {"standard_name": "sea surface height above reference ellipsoid", "units": "m"}

    def inputs_only(dataset):
        truth = dataset["ssh_karin_filt"].assign_attrs(height)
        return dataset.assign(ssh_true=truth, ssh_karin=truth).drop_vars("ssh_karin_filt")

    changed_height(folder, inputs_only)
    (sentence,) = problems(folder, inputs)
    assert sentence.startswith("passes 5, 44, 582: there is no filtered height, only ssh_")
    assert open_filtered(folder, inputs, variable="ssh_karin").variable == "ssh_karin"


def test_heights_of_different_names_are_refused(folder, inputs):
    rewritten(folder / "ssh_karin_filt_013_044.nc", lambda dataset: dataset.rename(ssh_karin_filt="other"))
    (sentence,) = problems(folder, inputs)
    assert "'ssh_karin_filt' in passes 5, 582, 'other' in pass 44; expected one name" in sentence


def test_names_of_another_challenge_are_accepted_in_their_order(folder, inputs):
    def both(dataset):
        return dataset.assign(ssha_method_denoised=dataset["ssh_karin_filt"] + 1.0)

    changed_height(folder, both)
    filtered = open_filtered(folder, inputs, names=("ssha_method_denoised", "ssh_karin_filt"))
    assert filtered.variable == "ssha_method_denoised"


# --- files that are broken or not meant well


def test_broken_files_are_named_together_with_the_passes_they_lack(folder, inputs):
    path = folder / "ssh_karin_filt_013_044.nc"
    path.write_bytes(path.read_bytes()[:3000])
    (folder / "ssh_karin_filt_013_005.nc").write_text("<html>not found</html>")
    first, second, missing = problems(folder, inputs)
    assert first.startswith("ssh_karin_filt_013_005.nc cannot be read: ")
    assert second.startswith("ssh_karin_filt_013_044.nc cannot be read: ")
    assert missing.startswith("2 of 3 passes are missing: 5, 44")


def test_damaged_times_or_positions_are_a_problem_of_their_pass(folder, inputs):
    path = folder / "ssh_karin_filt_013_044.nc"
    with xr.open_dataset(path) as dataset:
        loaded = dataset.load()
    loaded["latitude"].encoding = {"fletcher32": True, "chunksizes": (4, 71), "zlib": False}
    loaded.to_netcdf(path)
    content = path.read_bytes()
    place = content.index(loaded["latitude"].values.tobytes())
    path.write_bytes(content[:place] + bytes(50) + content[place + 50 :])
    (sentence,) = problems(folder, inputs)
    assert sentence.startswith("pass 44: its times or positions cannot be read: NetCDF: ")


@pytest.mark.parametrize("form", ["netcdf", "zarr"])
def test_damaged_heights_are_refused_with_their_pass_when_they_are_read(tmp_path, inputs, form):
    heights = {"ssh_karin_filt": {"chunks": (4, 71)}}
    for number, swath in inputs.items():
        whole = joined({number: swath})
        if form == "zarr":
            whole.to_zarr(tmp_path / f"{number}.zarr", consolidated=False, encoding=heights)
        else:
            whole["ssh_karin_filt"].encoding = {"fletcher32": True, "chunksizes": (4, 71)}
            whole.to_netcdf(tmp_path / f"{number}.nc")
    path = tmp_path / ("44.zarr/ssh_karin_filt/c/0/0" if form == "zarr" else "44.nc")
    content = path.read_bytes()
    place = 10 if form == "zarr" else content.index(inputs[44]["ssh"].values.tobytes())
    path.write_bytes(content[:place] + bytes(50) + content[place + 50 :])
    filtered = open_filtered(tmp_path, inputs)
    np.testing.assert_array_equal(filtered.heights(5), inputs[5]["ssh"])
    with pytest.raises(SubmissionError, match="pass 44: its heights cannot be read: "):
        filtered.heights(44)


def test_file_without_positions_is_refused_with_what_it_holds(folder, inputs):
    rewritten(folder / "ssh_karin_filt_013_044.nc", lambda dataset: dataset.drop_vars("longitude"))
    first, _ = problems(folder, inputs)
    assert "has no variable lon or longitude; it holds latitude, ssh_karin_filt, time" in first


@pytest.mark.parametrize("inside", [False, True], ids=["file", "within a Zarr folder"])
def test_link_that_leads_out_of_the_folder_is_refused_before_it_is_opened(tmp_path, folder, inputs, inside):
    secret = tmp_path / "secret.nc"
    secret.write_bytes(b"not to be read")
    if inside:
        joined(inputs).to_zarr(folder / "all.zarr", consolidated=False)
        (folder / "all.zarr/linked").symlink_to(secret)
    else:
        (folder / "linked.nc").symlink_to(secret)
    (sentence,) = problems(folder, inputs)
    assert sentence.split(";")[0].endswith("is a link that leads out of the folder")
    assert "linked" in sentence


def test_links_within_the_folder_and_to_the_folder_are_followed(tmp_path, folder, inputs):
    path = folder / "ssh_karin_filt_013_044.nc"
    (folder / "store").mkdir()
    path.rename(folder / "store/044.nc")
    path.symlink_to(folder / "store/044.nc")
    (tmp_path / "link").symlink_to(folder)
    check_all(open_filtered(tmp_path / "link", inputs), inputs)


@pytest.mark.parametrize("kind", ["circle", "nowhere", "pipe"])
def test_what_is_no_plain_file_is_refused_and_never_waited_for(folder, inputs, kind):
    odd = folder / "odd.nc"
    if kind == "pipe":
        os.mkfifo(odd)
    else:
        odd.symlink_to(odd if kind == "circle" else folder / "absent.nc")
    (sentence,) = problems(folder, inputs)
    assert "odd.nc' is no plain file" in sentence


def test_desert_of_declared_lines_is_refused_by_its_header(tmp_path, inputs):
    with netCDF4.Dataset(tmp_path / "desert_013_005.nc", "w") as file:
        file.createDimension("num_lines", 1_000_000_000)
        file.createDimension("num_pixels", 71)
        time = file.createVariable("time", "f8", ("num_lines",), zlib=True, chunksizes=(1_000_000,))
        time.units = "seconds since 2000-01-01"
        for name in ("longitude", "latitude", "ssh_karin_filt"):
            file.createVariable(name, "f8", DIMS, zlib=True, chunksizes=(100_000, 71))
    assert (tmp_path / "desert_013_005.nc").stat().st_size < 1e6
    first, _ = problems(tmp_path, inputs)
    assert "time of '" in first
    assert "is declared with shape (1000000000,); the inputs have 71 pixels" in first


def test_zarr_folder_of_senseless_size_or_pieces_is_refused_by_its_header(tmp_path, inputs):
    import zarr

    group = zarr.open_group(tmp_path / "a.zarr", mode="w")
    group.create_array("ssh_karin_filt", shape=(10**9, 71), chunks=(10**6, 71), dtype="f8")
    assert "is declared with shape (1000000000, 71)" in problems(tmp_path / "a.zarr", inputs)[0]
    group = zarr.open_group(tmp_path / "b.zarr", mode="w")
    group.create_array("ssh_karin_filt", shape=(12, 71), chunks=(10**7, 71), dtype="f8")
    assert "is stored in pieces of (10000000, 71)" in problems(tmp_path / "b.zarr", inputs)[0]


@pytest.mark.parametrize("form", ["netcdf", "zarr"])
def test_thousands_of_variables_are_refused(tmp_path, inputs, form, monkeypatch):
    monkeypatch.setattr("oceanbench.submission._swath_files._MOST_VARIABLES", 20)
    many = joined(inputs).assign({f"v{number}": ((), 0.0) for number in range(20)})
    path = tmp_path / "many"
    many.to_netcdf(path) if form == "netcdf" else many.to_zarr(path, consolidated=False)
    assert "has more than 20 variables; keep the filtered height" in problems(path, inputs)[0]


def test_chunks_missing_from_a_zarr_folder_are_noted_once(tmp_path, inputs):
    joined(inputs).to_zarr(
        tmp_path / "all.zarr", consolidated=False, encoding={"ssh_karin_filt": {"chunks": (4, 71)}}
    )
    (tmp_path / "all.zarr/ssh_karin_filt/c/1/0").unlink()
    assert open_filtered(tmp_path / "all.zarr", inputs).notes == [
        "1 of 3 chunks are not stored and read as nan."
    ]


def test_missing_paths_and_empty_folders_are_errors_that_name_them(tmp_path, inputs):
    with pytest.raises(FileNotFoundError, match=r"no file or folder '.*nowhere'"):
        open_filtered(tmp_path / "nowhere", inputs)
    with pytest.raises(FileNotFoundError, match=r"no NetCDF file of a pass in .* holds nothing"):
        open_filtered(tmp_path, inputs)


def test_file_that_may_not_be_read_is_a_problem_with_its_name(folder, inputs, monkeypatch):
    def refused(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("oceanbench.submission._swath_files.check_netcdf", refused)
    found = problems(folder, inputs)
    assert "ssh_karin_filt_013_005.nc cannot be read: [Errno 13] Permission denied" in found[0]


def test_opened_swath_and_filtered_pass_lie_on_the_same_places(folder, inputs):
    swath = open_swath(folder / "ssh_karin_filt_013_005.nc")
    found = open_filtered(folder, inputs).passes[5]
    np.testing.assert_allclose(swath["lat"], found["lat"], rtol=0, atol=1e-12)
