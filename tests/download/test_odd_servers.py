"""Whatever a server does, the end is the right file or a clear error, never a wrong or half file in place."""

import time
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oceanbench.download import DownloadError

OTHER = b"\x00 another version " * 3000


def test_a_file_arrives_whole_and_leaves_nothing_else_behind(server, get, target, body):
    outcome = get(server.add("/x.nc", body))
    assert target.read_bytes() == body
    assert outcome.how == "downloaded"
    assert sorted(path.name for path in target.parent.iterdir() if path.name[0] != ".") == [
        "oceanbench-lock.json",
        "x.nc",
    ]


def test_an_empty_file_arrives(server, get, target):
    get(server.add("/x.nc", b""))
    assert target.read_bytes() == b""


def test_a_second_run_asks_nobody(server, get, body):
    url = server.add("/x.nc", body)
    get(url)
    server.asked.clear()
    assert get(url).how == "already here"
    assert server.asked == []


def test_compression_is_asked_away(server, get, body):
    get(server.add("/x.nc", body))
    assert server.asked[0][2]["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("with_etag", [True, False], ids=["etag", "last-modified"])
def test_a_cut_transfer_continues_where_it_was_cut(server, get, target, body, old, with_etag):
    version = {"etag": '"v1"'} if with_etag else {"modified": old}
    get(server.add("/x.nc", body, cuts=[20_000], **version))
    assert target.read_bytes() == body
    assert server.ranges() == [None, "bytes=20000-"]
    assert server.asked[1][2]["If-Range"] == (version.get("etag") or old)


@pytest.mark.parametrize("with_etag", [True, False], ids=["etag", "last-modified"])
def test_a_range_need_not_name_its_version_again_however_often_it_is_cut(
    server, get, target, body, old, with_etag
):
    """RFC 9110, section 15.3.7: the answer to a conditional request for a range may leave the names out."""
    version = {"etag": '"v1"'} if with_etag else {"modified": old}
    cuts = [20_000, 10_000, 0, 5_000, 10_000]
    outcome = get(server.add("/x.nc", body, cuts=cuts, nameless_ranges=True, **version))
    assert target.read_bytes() == body
    firsts = [20_000, 30_000, 30_000, 35_000, 45_000]
    assert server.ranges() == [None, *(f"bytes={first}-" for first in firsts)]
    assert {headers["If-Range"] for _, _, headers in server.asked[1:]} == {version.get("etag") or old}
    assert outcome.failures == ()


def test_a_later_run_continues_a_part_from_ranges_that_name_no_version(server, get, target, body, old):
    url = server.add("/x.nc", body, modified=old, nameless_ranges=True, cuts=[20_000, 0, 0, 0])
    with pytest.raises(DownloadError):
        get(url)
    assert get(url).resumed_at == 20_000
    assert target.read_bytes() == body


def test_a_range_of_a_file_of_another_length_is_refused_though_it_names_no_version(
    server, get, target, body, old
):
    url = server.add("/x.nc", cuts=[20_000], blind_to_if_range=True, nameless_ranges=True)
    server.pages["/x.nc"].versions = [(OTHER, None, old), (body, None, old), (body, None, old)]
    get(url)
    assert target.read_bytes() == body
    assert server.ranges() == [None, "bytes=20000-", None]


def test_a_range_that_turns_its_version_into_a_weak_one_is_refused(server, get, target, body):
    url = server.add("/x.nc", cuts=[20_000], blind_to_if_range=True)
    server.pages["/x.nc"].versions = [(OTHER, '"v1"', None), (body, 'W/"v1"', None), (body, '"v2"', None)]
    get(url)
    assert target.read_bytes() == body


def test_without_a_version_and_a_digest_a_cut_transfer_begins_anew(server, get, target, body):
    get(server.add("/x.nc", body, cuts=[20_000]))
    assert target.read_bytes() == body
    assert server.ranges() == [None, None]


def test_a_weak_etag_is_no_version(server, get, target, body):
    get(server.add("/x.nc", body, etag='W/"v1"', cuts=[20_000]))
    assert target.read_bytes() == body
    assert server.ranges() == [None, None]


def test_without_a_version_a_promised_digest_is_enough_to_continue(server, get, target, body, promise):
    get(server.add("/x.nc", body, cuts=[20_000]), **promise(body))
    assert target.read_bytes() == body
    assert server.ranges() == [None, "bytes=20000-"]
    assert "If-Range" not in server.asked[1][2]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=12)
@given(cuts=st.lists(st.integers(0, 49_999), max_size=3), ranges=st.booleans())
def test_wherever_it_is_cut_the_file_is_right(server, get, target, body, cuts, ranges):
    target.unlink(missing_ok=True)
    get(server.add("/x.nc", body, etag='"v1"', cuts=list(cuts), ranges=ranges), accept_changed=["x.nc"])
    assert target.read_bytes() == body
    assert not target.with_name("x.nc.part").exists()


def test_a_server_that_always_cuts_is_given_up_and_the_part_is_kept(server, get, target, body):
    url = server.add("/x.nc", body, etag='"v1"', cuts=[20_000, 0, 0, 0, 0, 0, 0, 0])
    with pytest.raises(DownloadError, match="place0: the transfer ended after 20000 of 50000 bytes"):
        get(url)
    assert not target.exists()
    assert target.with_name("x.nc.part").read_bytes() == body[:20_000]


def test_a_transfer_that_grows_is_never_given_up(server, get, target, body):
    get(server.add("/x.nc", body, etag='"v1"', cuts=[10_000] * 4 + [9_999]))
    assert target.read_bytes() == body


def test_a_later_run_continues_the_part(server, get, target, body):
    url = server.add("/x.nc", body, etag='"v1"', cuts=[20_000, 0, 0, 0])
    with pytest.raises(DownloadError):
        get(url)
    assert get(url).resumed_at == 20_000
    assert target.read_bytes() == body


def test_a_server_without_ranges_begins_anew(server, get, target, body):
    outcome = get(server.add("/x.nc", body, etag='"v1"', ranges=False, cuts=[20_000]))
    assert target.read_bytes() == body
    assert outcome.resumed_at == 0


@pytest.mark.parametrize("blind", [False, True], ids=["minds If-Range", "ignores If-Range"])
def test_a_file_that_changed_between_attempts_is_not_mixed_by_etag(server, get, target, body, blind):
    url = server.add("/x.nc", cuts=[20_000], blind_to_if_range=blind)
    server.pages["/x.nc"].versions = [(OTHER, '"v1"', None), (body, '"v2"', None), (body, '"v2"', None)]
    get(url)
    assert target.read_bytes() == body


@pytest.mark.parametrize("blind", [False, True], ids=["minds If-Range", "ignores If-Range"])
def test_a_file_that_changed_between_attempts_is_not_mixed_by_its_date(server, get, target, body, old, blind):
    url = server.add("/x.nc", cuts=[20_000], blind_to_if_range=blind)
    newer = f"{old[:-12]}{'23:59:58' if '23:59:58' not in old else '00:00:00'} GMT"
    server.pages["/x.nc"].versions = [(OTHER, None, old), (body, None, newer), (body, None, newer)]
    get(url)
    assert target.read_bytes() == body


def test_a_file_that_changed_is_not_mixed_where_nothing_names_its_version(server, get, target, body):
    url = server.add("/x.nc", cuts=[20_000])
    server.pages["/x.nc"].versions = [(OTHER, None, None), (body, None, None)]
    get(url)
    assert target.read_bytes() == body


def test_a_wrong_joint_is_found_by_the_digest_and_fetched_in_one_piece(server, get, target, body, promise):
    url = server.add("/x.nc", cuts=[20_000])
    older = OTHER[: len(body)].ljust(len(body), b".")
    server.pages["/x.nc"].versions = [(older, None, None), (body, None, None), (body, None, None)]
    get(url, **promise(body))
    assert target.read_bytes() == body
    assert server.ranges() == [None, "bytes=20000-", None]


def test_a_range_from_another_offset_is_refused(server, get, target, body):
    get(server.add("/x.nc", body, etag='"v1"', cuts=[20_000], shift=-5))
    assert target.read_bytes() == body
    assert server.ranges() == [None, "bytes=20000-", None]


def test_a_part_as_long_as_the_file_needs_no_more_than_its_name(server, get, target, body):
    url = server.add("/x.nc", body, chunked=True, etag='"v1"', cuts=[len(body)] * 4)
    server.pages["/x.nc"].cuts = [20_000, 0, 0, 0]
    with pytest.raises(DownloadError):
        get(url)
    target.with_name("x.nc.part").write_bytes(body)  # only the end of the chunks was missing
    assert get(url).resumed_at == len(body)
    assert target.read_bytes() == body
    assert server.ranges()[-1] == f"bytes={len(body)}-"  # answered 416, with the length


def test_a_part_longer_than_the_file_begins_anew(server, get, target, body):
    url = server.add("/x.nc", body, chunked=True, etag='"v1"', cuts=[20_000, 0, 0, 0])
    with pytest.raises(DownloadError):
        get(url)
    target.with_name("x.nc.part").write_bytes(body + b"more")
    get(url)
    assert target.read_bytes() == body


def test_chunks_without_a_length_arrive_whole(server, get, target, body, diary):
    get(server.add("/x.nc", body, chunked=True))
    assert target.read_bytes() == body
    assert diary.standings[0].total is None


def test_chunks_that_are_cut_are_not_a_whole_file(server, get, target, body):
    with pytest.raises(DownloadError, match="cut"):
        get(server.add("/x.nc", body, chunked=True, cuts=[20_000] * 9))
    assert not target.exists()


def test_chunks_that_cannot_be_read_are_not_a_whole_file(server, get, target):
    broken = {"Transfer-Encoding": "chunked"}
    with pytest.raises(DownloadError, match="the connection was cut"):
        get(server.add("/x.nc", b"zz\r\nnothing\r\n", length=False, more=broken))
    assert not target.exists()


def test_an_answer_without_length_is_refused_where_nothing_is_promised(server, get, target, body):
    with pytest.raises(DownloadError, match="tells no length"):
        get(server.add("/x.nc", body, length=False))
    assert not target.exists()


def test_an_answer_without_length_is_taken_where_a_digest_is_promised(server, get, target, body, promise):
    get(server.add("/x.nc", body, length=False), **promise(body))
    assert target.read_bytes() == body


def test_a_stalled_transfer_is_broken_off_and_continued(server, get, target, body, quick):
    start = time.monotonic()
    url = server.add("/x.nc", body, etag='"v1"', stalls=[20_000])
    get(url, patience=replace(quick, stall=0.8))
    assert target.read_bytes() == body
    assert time.monotonic() - start < 4  # the server would stand still for 5
    assert server.ranges() == [None, "bytes=20000-"]


def test_a_slow_transfer_is_not_taken_for_a_stalled_one(server, get, target, body, quick):
    url = server.add("/x.nc", body, seconds_per_block=0.15)  # seven blocks: a second in all
    get(url, patience=replace(quick, stall=0.8))
    assert target.read_bytes() == body
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_refusal_that_may_pass_is_asked_again(server, get, target, body, status):
    get(server.add("/x.nc", body, refusals=[(status, {})]))
    assert target.read_bytes() == body
    assert len(server.asked) == 2


def test_retry_after_is_waited_for(server, get, quick, body, diary):
    url = server.add("/x.nc", body, refusals=[(503, {"Retry-After": "3600"})])
    start = time.monotonic()
    get(url)
    assert quick.longest_pause <= time.monotonic() - start < 3  # capped
    assert "place0: it answers 503 Service Unavailable; again in 0 s" in diary.sentences[0]


def test_a_server_that_stays_unavailable_is_given_up(server, get, quick):
    with pytest.raises(DownloadError, match="place0: it answers 503 Service Unavailable"):
        get(server.add("/x.nc", always=503))
    assert len(server.asked) == 1 + len(quick.pauses)


def test_a_missing_file_is_not_asked_for_again(server, get, target):
    with pytest.raises(DownloadError, match="place0: 404 Not Found, it is not there"):
        get(server.url("/x.nc"))
    assert len(server.asked) == 1
    assert not target.exists()


def test_another_length_than_promised_is_refused_before_it_is_fetched(server, get, target, body):
    with pytest.raises(DownloadError, match="it has 50000 bytes there, 49999 are expected"):
        get(server.add("/x.nc", body), size=49_999)
    assert not target.with_name("x.nc.part").exists()


def test_more_bytes_than_promised_are_not_read_to_the_end(server, get, target, body):
    with pytest.raises(DownloadError, match="sends more than the 10000 bytes"):
        get(server.add("/x.nc", body, chunked=True), size=10_000)
    assert not target.exists()
    assert not target.with_name("x.nc.part").exists()


@pytest.mark.parametrize("digest", ["md5", "sha256"])
def test_another_digest_than_promised_is_refused(server, get, target, body, promise, digest):
    wrong = promise(OTHER)[digest]
    with pytest.raises(DownloadError, match=f"it sent another file: its {digest} is .*, {wrong} is expected"):
        get(server.add("/x.nc", body), **{digest: wrong})
    assert not target.exists()
    assert not target.with_name("x.nc.part").exists()


def test_a_web_page_is_not_data(server, get, target):
    with pytest.raises(DownloadError, match=r"answered with a web page in place of x\.nc"):
        get(server.add("/x.nc", b"<html>Please log in</html>", content_type="text/html; charset=utf-8"))
    assert not target.exists()


def test_a_web_page_that_says_it_is_data_is_not_data(server, get, target):
    with pytest.raises(DownloadError, match=r"answered with a web page in place of x\.nc"):
        get(server.add("/x.nc", b"\n<!DOCTYPE html>\n<p>Please log in"))
    assert not target.exists()


def test_a_page_that_is_wanted_is_taken(server, get, target):
    get(server.add("/x.html", b"<html>", content_type="text/html"), name="x.html")
    assert target.with_name("x.html").read_bytes() == b"<html>"


@pytest.mark.parametrize("name", ["x.nc", "x.csv", "x"])
def test_a_file_that_is_sent_compressed_is_refused(server, get, name):
    with pytest.raises(DownloadError, match=r"sends the file compressed \(gzip\) though asked not to"):
        get(server.add("/x", b"\x1f\x8b", encoding="gzip"), name=name)


def test_a_compressed_file_is_kept_as_it_is(server, get, target):
    import gzip

    packed = gzip.compress(b"data")
    get(server.add("/x.tar.gz", packed, encoding="gzip"), name="x.tar.gz")
    assert target.with_name("x.tar.gz").read_bytes() == packed


def test_a_closed_port_is_told_in_words(get):
    with pytest.raises(DownloadError, match=r"no connection to 127\.0\.0\.1"):
        get("http://127.0.0.1:9/x.nc")
