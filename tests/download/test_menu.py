"""The menu of the package, and what asking places costs."""

import subprocess
import sys

import pytest

import oceanbench.download
from oceanbench.download import Candidate, probe


def test_importing_the_package_loads_nothing_that_speaks_to_a_network():
    code = "import sys, oceanbench.download; print({'aiohttp', 'fsspec'} & sys.modules.keys() or 'none')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "none"


@pytest.mark.parametrize("name", oceanbench.download.__all__)
def test_every_name_of_the_menu_exists(name):
    assert getattr(oceanbench.download, name).__name__ == name


def test_a_name_that_is_not_on_the_menu_is_an_error():
    with pytest.raises(AttributeError, match="fetch_all"):
        oceanbench.download.fetch_all  # noqa: B018


def test_probing_sends_no_bytes(server, body):
    finding = probe([Candidate(server.add("/x.nc", body), "sea")])[0]
    assert (finding.available, finding.status, finding.size, finding.ranges) == (
        True,
        "200 OK",
        len(body),
        True,
    )
    assert [method for method, _, _ in server.asked] == ["HEAD"]


@pytest.mark.parametrize(
    ("how", "told"), [({"head": False}, "405 Method Not Allowed"), ({"always": 501}, "501 Not")]
)
def test_probing_leaves_open_what_a_server_without_heads_has_and_asks_for_no_byte(server, body, how, told):
    finding = probe([Candidate(server.add("/x.nc", body, **how), "sea")])[0]
    assert (finding.available, finding.size, finding.ranges, finding.cure) == (None, None, None, None)
    assert finding.status.startswith(f"the server does not answer HEAD ({told}")
    assert [method for method, _, _ in server.asked] == ["HEAD"]


def test_probing_says_that_ranges_are_not_known(server, body):
    finding = probe([Candidate(server.add("/x.nc", body, ranges=False), "sea")])[0]
    assert finding.ranges is None


def test_probing_tells_what_is_wrong_with_each_place_in_order(server, body):
    places = [server.url("/gone.nc"), server.add("/x.nc", body), server.add("/busy.nc", always=503)]
    findings = probe([Candidate(place, "sea") for place in places])
    assert [finding.status for finding in findings] == [
        "404 Not Found, it is not there",
        "200 OK",
        "it answers 503 Service Unavailable",
    ]


def test_probing_takes_a_web_page_for_what_it_is(server):
    finding = probe([Candidate(server.add("/x.nc", b"<html>", content_type="text/html"), "sea")])[0]
    assert not finding.available
    assert "web page" in finding.status
