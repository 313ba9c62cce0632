"""Which variable is the height, of which type and in which unit."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from oceanbench.submission import HEIGHT_NAMES, STANDARD_NAMES, open_map


@pytest.mark.parametrize("name", [*HEIGHT_NAMES, "SSH"])
def test_usual_names_are_known(make_map, name):
    assert open_map(make_map(name=name)).variable == name


@pytest.mark.parametrize("standard", [*STANDARD_NAMES, "sea surface height above reference ellipsoid"])
def test_standard_names_are_known(make_map, standard):
    dataset = make_map(name="h")
    dataset["h"].attrs["standard_name"] = standard
    assert open_map(dataset).variable == "h"


def test_variables_that_are_no_heights_do_not_confuse(make_map):
    dataset = make_map()
    dataset["ugos"] = 2.0 * dataset["ssh"]
    dataset["ssh_error"] = dataset["ssh"]
    dataset["sla"] = ("time", np.zeros(6))
    assert open_map(dataset).notes == []


def test_order_of_the_challenge_decides_between_several(make_map, expected):
    dataset = make_map(name="adt")
    dataset["sla"] = dataset["adt"] - 0.5
    first = open_map(dataset, expected=replace(expected, variables=("ssh", "sla", "adt")))
    assert first.variable == "sla"
    assert first.notes == ["The height is 'sla'; adt was left aside."]
    assert open_map(dataset, expected=replace(expected, variables=("adt", "sla"))).variable == "adt"


def test_several_heights_without_an_order_are_refused_and_cured_by_a_name(make_map, problems):
    dataset = make_map(name="adt")
    dataset["sla"] = dataset["adt"] - 0.5
    (sentence,) = problems(dataset)
    assert "several variables may be the height: adt (time, lat, lon), sla (time, lat, lon)" in sentence
    assert "--variable" in sentence
    assert open_map(dataset, variable="sla").variable == "sla"


def test_other_name_than_the_challenge_wants_is_noted(make_map, expected):
    opened = open_map(make_map(name="zos"), expected=replace(expected, variables=("gssh",)))
    assert opened.notes == ["The height is 'zos', as there is no gssh."]


def test_unknown_names_are_refused_and_cured_by_a_name(make_map, problems):
    (sentence,) = problems(make_map(name="c2"))
    assert sentence.startswith(
        "no variable is known as a height; there is c2 (time, lat, lon); expected a map"
    )
    assert open_map(make_map(name="c2"), variable="c2").variable == "c2"
    assert (
        "there is no map called 'c3'; expected one of c2" in problems(make_map(name="c2"), variable="c3")[0]
    )


def test_dataset_without_maps_is_refused(problems):
    assert "there is no map at all" in problems(xr.Dataset({"ssh": ("obs", [1.0])}))[0]


@pytest.mark.parametrize(
    ("unit", "factor"), [("m", 1.0), ("cm", 100.0), ("mm", 1000.0), ("Centimeters", 100.0), ("metre", 1.0)]
)
def test_units_are_converted_to_metres(make_map, unit, factor):
    dataset = make_map()
    dataset["ssh"] = (dataset["ssh"] * factor).assign_attrs(units=unit)
    opened = open_map(dataset)
    np.testing.assert_allclose(opened.ssh, make_map()["ssh"], rtol=1e-15)
    assert opened.notes == ([] if factor == 1.0 else [f"Heights were converted from {unit} to metres."])


def test_other_units_are_refused(make_map, problems):
    dataset = make_map()
    dataset["ssh"].attrs["units"] = "degC"
    assert "heights are in 'degC'; expected m, cm or mm" in problems(dataset)[0]


def test_missing_unit_is_noted_and_refused_where_heights_look_like_centimetres(make_map, expected, problems):
    dataset = make_map()
    dataset["ssh"].attrs.clear()
    assert open_map(dataset).notes == ["No unit is given: heights were taken as metres."]
    for options in ({}, {"expected": expected}):
        (sentence,) = problems(100.0 * dataset, **options)
        assert "heights beyond 20 m" in sentence
        assert "if these are centimetres, set the attribute units = 'cm'" in sentence


def test_whole_numbers_are_read_as_real_ones(make_map):
    dataset = make_map()
    dataset["ssh"] = (1000.0 * dataset["ssh"]).round().astype(np.int16).assign_attrs(units="mm")
    opened = open_map(dataset)
    assert opened.ssh.dtype == np.float64
    np.testing.assert_allclose(opened.ssh, make_map()["ssh"], atol=0.00051)
    assert "Whole numbers (int16) were read as real ones." in opened.notes


@pytest.mark.parametrize("kind", ["complex128", "U8", "bool", "object", "timedelta64[s]"])
def test_other_types_are_refused(make_map, problems, kind):
    dataset = make_map()
    values = np.ones(dataset["ssh"].shape, dtype="int64").astype(kind)
    (sentence,) = problems(dataset.assign(ssh=(dataset["ssh"].dims, values, {"units": "m"})))
    assert sentence.startswith("heights are of type ")
    assert sentence.endswith("expected real numbers; store them as float32 or float64")


def test_packed_heights_are_unpacked(tmp_path, make_map, expected):
    path = tmp_path / "packed.nc"
    packing = {"dtype": "int16", "scale_factor": 1e-4, "_FillValue": -32768}
    make_map().to_netcdf(path, encoding={"ssh": packing})
    opened = open_map(path, expected=expected)
    np.testing.assert_allclose(opened.ssh, make_map()["ssh"], atol=5.1e-5)
    assert opened.notes == []
