"""Redirects and certificates: encryption is not given up, nobody is trusted whom the user did not name."""

import ssl
from datetime import UTC, datetime, timedelta

import pytest
import trustme

from oceanbench.download import DownloadError, probe
from oceanbench.download.artefact import Candidate


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted(authority, tmp_path, monkeypatch) -> None:
    """This machine knows the authority of the test."""
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))


def _context(authority: trustme.CA, *names: str, expired: bool = False) -> ssl.SSLContext:
    end = datetime.now(UTC) - timedelta(days=3) if expired else None
    begin = datetime(2000, 1, 1, tzinfo=UTC) if expired else None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names, not_before=begin, not_after=end).configure_cert(context)
    return context


@pytest.fixture
def secure(serve, authority):
    """A server with a valid certificate for ``localhost``."""
    return serve(_context(authority, "localhost"), "localhost")


@pytest.fixture
def expired(serve, authority):
    """A server with an expired certificate for ``localhost``."""
    return serve(_context(authority, "localhost", expired=True), "localhost")


@pytest.mark.usefixtures("trusted")
def test_a_valid_certificate_is_taken(secure, get, target, body):
    get(secure.add("/x.nc", body))
    assert target.read_bytes() == body


def _last_sentence(error: DownloadError) -> str:
    return str(error).splitlines()[-1].strip()


@pytest.mark.usefixtures("trusted")
def test_an_expired_certificate_is_refused_and_the_last_sentence_is_the_way_to_accept_it(
    expired, get, target
):
    with pytest.raises(DownloadError, match="place0: its certificate has expired") as caught:
        get(expired.add("/x.nc", b"data"))
    assert _last_sentence(caught.value) == (
        "If you trust localhost all the same, accept its certificate, for this host only: "
        "--accept-certificate localhost (or OCEANBENCH_ACCEPT_CERTIFICATES=localhost)"
    )
    assert expired.asked == []
    assert not target.exists()


def test_an_unknown_authority_is_refused(secure, get):
    with pytest.raises(DownloadError, match="authority that this machine does not know; SSL_CERT_FILE"):
        get(secure.add("/x.nc", b"data"))


def test_a_certificate_signed_by_itself_is_refused(serve, tmp_path, get):
    alone = trustme.CA()
    alone.private_key_pem.write_to_path(tmp_path / "key.pem")
    alone.cert_pem.write_to_path(tmp_path / "cert.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    with pytest.raises(DownloadError, match="signed by itself only"):
        get(serve(context, "localhost").add("/x.nc", b"data"))


@pytest.mark.usefixtures("trusted")
def test_a_certificate_for_another_host_is_refused(serve, authority, get):
    server = serve(_context(authority, "elsewhere.example"), "localhost")
    with pytest.raises(DownloadError, match="certificate is for another host"):
        get(server.add("/x.nc", b"data"))


@pytest.mark.usefixtures("trusted")
def test_an_expired_certificate_may_be_accepted_by_name(expired, get, target, body):
    get(expired.add("/x.nc", body), accept_certificates_of=["LocalHost"])
    assert target.read_bytes() == body


@pytest.mark.usefixtures("trusted")
def test_an_expired_certificate_may_be_accepted_by_the_variable(expired, get, target, body, monkeypatch):
    monkeypatch.setenv("OCEANBENCH_ACCEPT_CERTIFICATES", "elsewhere.example, localhost")
    get(expired.add("/x.nc", body))
    assert target.read_bytes() == body


@pytest.mark.usefixtures("trusted")
def test_accepting_one_host_accepts_no_other(serve, authority, expired, get):
    """The named host redirects to one whose certificate has expired too."""
    other = serve(_context(authority, "127.0.0.1", expired=True), "127.0.0.1")
    url = expired.add("/x.nc", redirect=other.add("/x.nc", b"data"))
    with pytest.raises(DownloadError, match=r"--accept-certificate 127\.0\.0\.1 "):
        get(url, accept_certificates_of=["localhost"])
    assert other.asked == []


def test_redirects_are_followed(server, get, target, body):
    server.add("/there/x.nc", body)
    server.add("/second", redirect="there/x.nc")
    get(server.add("/first", redirect=server.url("/second")))
    assert target.read_bytes() == body


def test_a_redirected_transfer_continues_after_a_cut(server, get, target, body):
    server.add("/there/x.nc", body, etag='"v1"', cuts=[20_000])
    get(server.add("/first", redirect="/there/x.nc"))
    assert target.read_bytes() == body
    assert server.ranges()[-1] == "bytes=20000-"


def test_a_circle_of_redirects_ends(server, get):
    with pytest.raises(DownloadError, match="redirects more than 10 times"):
        get(server.add("/x.nc", redirect="/x.nc"))
    assert len(server.asked) == 11


@pytest.mark.usefixtures("trusted")
def test_a_redirect_never_gives_up_encryption(secure, server, get):
    with pytest.raises(DownloadError, match="redirects from https to http"):
        get(secure.add("/x.nc", redirect=server.add("/x.nc", b"data")))
    assert server.asked == []


@pytest.mark.parametrize("there", ["file:///etc/passwd", "ftp://elsewhere.example/x.nc"])
def test_a_redirect_to_another_kind_of_address_is_not_followed(server, get, there):
    with pytest.raises(DownloadError, match=f"it redirects to {there.partition(':')[0]}:"):
        get(server.add("/x.nc", redirect=there))


def test_a_redirect_to_nowhere_is_told(server, get):
    server.add("/x.nc", always=302)
    with pytest.raises(DownloadError, match="redirects without saying where to"):
        get(server.url("/x.nc"))


@pytest.mark.usefixtures("trusted")
def test_probing_tells_of_certificates(secure, expired, server):
    places = [each.add("/x.nc", b"data") for each in (secure, expired, server)]
    findings = probe([Candidate(place, "somewhere") for place in places])
    assert [finding.certificate for finding in findings] == ["valid", "refused", "none"]
    assert [finding.available for finding in findings] == [True, False, True]
    assert findings[1].status == "its certificate has expired"
    assert findings[1].cure is not None
    assert findings[1].cure.endswith("(or OCEANBENCH_ACCEPT_CERTIFICATES=localhost)")
    accepted = probe([Candidate(places[1], "somewhere")], accept_certificates_of=["localhost"])
    assert accepted[0].certificate == "accepted by you without a check"


def test_a_proxy_of_the_environment_is_asked_for_the_whole_address(server, get, target, body, monkeypatch):
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.setenv("http_proxy", server.url("").replace("://", "://ann:sesame@"))
    server.add("http://sea.example/x.nc", body)
    get("http://sea.example/x.nc?day=1")
    assert target.read_bytes() == body
    assert server.asked[0][1] == "http://sea.example/x.nc?day=1"
    assert server.asked[0][2]["Proxy-Authorization"] == "Basic YW5uOnNlc2FtZQ=="
    assert "Authorization" not in server.asked[0][2]


def test_an_encrypted_address_is_asked_through_a_tunnel_and_its_refusal_is_told(server, get, monkeypatch):
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.setenv("https_proxy", server.url("").replace("://", "://ann:sesame@"))
    with pytest.raises(DownloadError, match="the proxy refuses: Tunnel connection failed: 501") as caught:
        get("https://sea.example/x.nc")
    assert "sesame" not in str(caught.value)


def test_a_proxy_that_asks_for_a_login_on_the_way_to_an_encrypted_address_is_told_and_not_asked_again(
    server, get, monkeypatch
):
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.setenv("https_proxy", server.url("").replace("://", "://ann:sesame@"))
    server.add("sea.example:443", always=407)
    with pytest.raises(DownloadError, match="407 Proxy Authentication Required: the proxy asks") as caught:
        get("https://sea.example/x.nc")
    assert "Put user and password of the proxy into HTTPS_PROXY" in str(caught.value)
    assert "sesame" not in str(caught.value)
    assert [method for method, _, _ in server.asked] == ["CONNECT"]


def test_a_proxy_that_asks_for_a_login_on_the_way_to_a_plain_address_is_told(server, get, monkeypatch):
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.setenv("http_proxy", server.url(""))
    server.add("http://sea.example/x.nc", always=407)
    with pytest.raises(DownloadError, match=r"407 Proxy Authentication Required(.|\n)* into HTTP_PROXY"):
        get("http://sea.example/x.nc")


def test_a_proxy_of_another_kind_is_told(get, monkeypatch):
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.setenv("http_proxy", "socks5://127.0.0.1:9")
    with pytest.raises(DownloadError, match="a proxy that speaks socks5 is not supported"):
        get("http://sea.example/x.nc")


def test_a_server_that_does_not_speak_tls_is_told(server, get):
    with pytest.raises(DownloadError, match=r"the connection was cut \(SSLError: WRONG_VERSION_NUMBER\)"):
        get(server.url("/x.nc").replace("http:", "https:"))


@pytest.mark.usefixtures("trusted")
def test_a_transfer_by_https_continues_after_a_cut(secure, get, target, body):
    get(secure.add("/x.nc", body, etag='"v1"', cuts=[20_000]))
    assert target.read_bytes() == body
    assert secure.ranges() == [None, "bytes=20000-"]


def test_an_unknown_name_is_told(get):
    with pytest.raises(DownloadError, match=r"the name absent\.invalid is not known"):
        get("http://absent.invalid/x.nc")


def test_escapes_in_an_address_stay_as_they_are_and_others_are_made(server, get, body):
    server.add("/a%2Fb%20c%C3%A9.nc", body)
    get(server.url("/a%2Fb cé.nc"))
    assert server.asked[0][1] == "/a%2Fb%20c%C3%A9.nc"
