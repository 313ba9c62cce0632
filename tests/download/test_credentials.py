"""Accounts: found in the environment or in ``.netrc``, sent to their own host only, written nowhere."""

import base64
import traceback
from pathlib import Path

import pytest

from oceanbench.download import Account, Candidate, DownloadError, probe
from oceanbench.download.credentials import Login, find_login, redacted, scrubbed, sent_in_clear

ACCOUNT = Account("Sea", "https://sea.example/register", "SEA_USER", "SEA_PASSWORD")
SECRET = "p@ss/w0rd?"
BASIC = "Basic " + base64.b64encode(f"ann:{SECRET}".encode()).decode()


@pytest.fixture
def in_environment(monkeypatch) -> None:
    monkeypatch.setenv("SEA_USER", "ann")
    monkeypatch.setenv("SEA_PASSWORD", SECRET)


@pytest.fixture
def netrc(tmp_path, monkeypatch):
    """Write a ``.netrc`` and name it in the environment."""

    def write(text: str) -> Path:
        path = tmp_path / "logins"
        path.write_text(text)
        monkeypatch.setenv("NETRC", str(path))
        return path

    return write


@pytest.mark.usefixtures("in_environment")
def test_an_account_of_the_environment_is_sent(server, get, target, body):
    get(Candidate(server.add("/x.nc", body, login=BASIC), "sea", ACCOUNT))
    assert target.read_bytes() == body


def test_an_account_of_netrc_is_sent(server, get, target, body, netrc):
    netrc(f"machine 127.0.0.1 login ann password {SECRET}")
    get(Candidate(server.add("/x.nc", body, login=BASIC), "sea", ACCOUNT))
    assert target.read_bytes() == body


def test_a_netrc_in_the_home_folder_is_read(server, get, target, body):
    (Path.home() / ".netrc").write_text(f"machine 127.0.0.1 login ann password {SECRET}")
    get(Candidate(server.add("/x.nc", body, login=BASIC), "sea", ACCOUNT))
    assert target.read_bytes() == body


def test_netrc_is_used_for_a_place_that_names_no_account(server, get, target, body, netrc):
    netrc(f"machine 127.0.0.1 login ann password {SECRET}")
    get(server.add("/x.nc", body, login=BASIC))
    assert target.read_bytes() == body


def test_the_default_entry_of_netrc_is_given_to_nobody(server, get, body, netrc):
    netrc(f"default login ann password {SECRET}")
    get(server.add("/x.nc", body))
    assert "Authorization" not in server.asked[0][2]


def test_a_login_in_the_address_is_sent(server, get, target, body):
    url = server.add("/x.nc", body, login=BASIC).replace("://", "://ann:p%40ss%2Fw0rd%3F@")
    get(url)
    assert target.read_bytes() == body


@pytest.mark.parametrize("place", ["http://sea.example/x.nc", "http://ann:sesame@sea.example/x.nc"])
@pytest.mark.usefixtures("in_environment")
def test_a_password_is_never_sent_unencrypted(server, get, target, body, monkeypatch, place):
    """Not to another machine: the proxy, which would carry it there, is not even asked."""
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.setenv("http_proxy", server.url(""))
    server.add("http://sea.example/x.nc", body)
    with pytest.raises(DownloadError, match="the password would go unencrypted") as caught:
        get(Candidate(place, "sea", ACCOUNT))
    assert "Name an address of sea that begins with https:" in str(caught.value)
    assert server.asked == []


def test_netrc_is_not_used_unencrypted_for_a_place_that_asks_for_no_account(
    server, get, target, body, netrc, monkeypatch
):
    netrc(f"machine sea.example login ann password {SECRET}")
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.setenv("http_proxy", server.url(""))
    server.add("http://sea.example/x.nc", body)
    get("http://sea.example/x.nc")
    assert target.read_bytes() == body
    assert "Authorization" not in server.asked[0][2]


def test_a_place_that_asks_for_a_login_without_encryption_says_that_none_is_sent(
    server, get, body, netrc, monkeypatch
):
    netrc(f"machine sea.example login ann password {SECRET}")
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.setenv("http_proxy", server.url(""))
    server.add("http://sea.example/x.nc", body, login=BASIC)
    with pytest.raises(
        DownloadError, match=r"it asks for an account(.|\n)*No login is sent without encryption"
    ):
        get("http://sea.example/x.nc")


@pytest.mark.parametrize(
    ("url", "clear"),
    [
        ("http://sea.example/x.nc", True),
        ("HTTP://sea.example/x.nc", True),
        ("simplecache::http://sea.example/x.nc", True),
        ("http://[2001:db8::1]/x.nc", True),
        ("http://127.0.0.1:80/x.nc", False),
        ("http://LocalHost/x.nc", False),
        ("http://[::1]:80/x.nc", False),
        ("https://sea.example/x.nc", False),
        ("/data/x.nc", False),
    ],
)
def test_a_login_is_sent_in_clear_by_http_to_another_machine(url, clear):
    assert sent_in_clear(url) is clear


def test_a_user_without_a_password_is_sent_as_a_token(server, get, target, body):
    token = "Basic " + base64.b64encode(b"t0ken:").decode()
    get(server.add("/x.nc", body, login=token).replace("://", "://t0ken@"))
    assert target.read_bytes() == body


def test_a_user_of_the_address_takes_the_password_of_netrc_if_it_is_that_user(netrc):
    netrc(f"machine sea.example login ann password {SECRET}")
    assert find_login("https://ann@sea.example/x.nc", None) == Login("ann", SECRET)
    assert find_login("https://bob@sea.example/x.nc", None) == Login("bob", "")


def test_a_missing_account_names_the_variables_netrc_and_the_page(server, get, netrc):
    path = netrc("")
    with pytest.raises(DownloadError, match=r"sea: needs an account \(Sea\), and none is given") as caught:
        get(Candidate(server.add("/x.nc", b"data"), "sea", ACCOUNT))
    cure = (
        "Register at https://sea.example/register, then set SEA_USER and SEA_PASSWORD, "
        f"or put 'machine 127.0.0.1 login USER password PASSWORD' into {path}."
    )
    assert cure in str(caught.value)
    assert server.asked == []


def test_half_an_account_names_the_missing_half(server, get, monkeypatch):
    monkeypatch.setenv("SEA_USER", "ann")
    with pytest.raises(DownloadError, match="SEA_PASSWORD is not set, though its companion is"):
        get(Candidate(server.add("/x.nc", b"data"), "sea", ACCOUNT))


@pytest.mark.usefixtures("in_environment")
def test_a_refused_account_is_told_as_such(server, get):
    with pytest.raises(DownloadError, match=r"sea: account refused \(401 Unauthorized\)"):
        get(Candidate(server.add("/x.nc", b"data", login="Basic other"), "sea", ACCOUNT))


def test_a_place_that_asks_for_an_unknown_account_says_where_to_put_it(server, get):
    with pytest.raises(DownloadError, match=r"asks for an account(.|\n)*'machine 127\.0\.0\.1 login USER"):
        get(server.add("/x.nc", b"data", login=BASIC))


def test_a_broken_netrc_is_told_by_its_line_and_without_its_words(server, get, netrc):
    netrc(f"machine 127.0.0.1 login ann\n{SECRET} oops")
    with pytest.raises(DownloadError, match=r"logins is not a \.netrc file: line 2 cannot be read") as caught:
        get(server.add("/x.nc", b"data"))
    assert SECRET not in str(caught.value)


def test_a_netrc_that_is_named_and_absent_is_told(server, get, monkeypatch, tmp_path):
    monkeypatch.setenv("NETRC", str(tmp_path / "absent"))
    with pytest.raises(DownloadError, match="absent cannot be read"):
        get(server.add("/x.nc", b"data"))


@pytest.mark.usefixtures("in_environment")
def test_a_login_is_not_sent_to_the_host_of_a_redirect(server, serve, get, target, body):
    """Another name is another host, even if it is the same machine."""
    other = serve(host="localhost")
    url = server.add("/x.nc", redirect=other.add("/x.nc", body), login=BASIC)
    get(Candidate(url, "sea", ACCOUNT))
    assert target.read_bytes() == body
    assert "Authorization" in server.asked[0][2]
    assert "Authorization" not in other.asked[0][2]


@pytest.mark.usefixtures("in_environment")
def test_a_login_is_not_sent_to_another_port(server, serve, get, body):
    other = serve()
    get(Candidate(server.add("/x.nc", redirect=other.add("/x.nc", body)), "sea", ACCOUNT))
    assert "Authorization" not in other.asked[0][2]


@pytest.mark.usefixtures("in_environment")
def test_a_login_comes_back_with_the_own_host(server, serve, get, body):
    """A detour by a login page: the own host is told who comes, the page is not."""
    other = serve(host="localhost")
    back = server.add("/back.nc", body, login=BASIC)
    get(Candidate(server.add("/x.nc", redirect=other.add("/page", redirect=back)), "sea", ACCOUNT))
    assert "Authorization" not in other.asked[0][2]


def test_the_host_of_a_redirect_gets_its_own_entry_of_netrc(server, serve, get, target, body, netrc):
    netrc(f"machine localhost login ann password {SECRET}")
    other = serve(host="localhost")
    get(server.add("/x.nc", redirect=other.add("/x.nc", body, login=BASIC)))
    assert target.read_bytes() == body
    assert "Authorization" not in server.asked[0][2]


def _everything_written(folder: Path) -> str:
    return "".join(f"{path} {path.read_text('latin-1')}" for path in folder.rglob("*") if path.is_file())


@pytest.mark.usefixtures("in_environment")
def test_no_secret_is_written_or_told_whatever_happens(server, get, target, body, diary, caplog, capfd):
    """A login of the environment, one in the address, a signature in the query; cut, refused, completed."""
    caplog.set_level(0)
    told = []
    secret_url = server.add("/x.nc", body, etag='"v1"', login=BASIC, cuts=[20_000, 0, 0, 0])
    secret_url = secret_url.replace("://", "://ann:p%40ss%2Fw0rd%3F@") + "?signature=S1GNED"
    candidate = Candidate(secret_url, "sea", ACCOUNT)
    refused = Candidate(server.add("/no.nc", b"", login="other") + "?signature=S1GNED", "no", ACCOUNT)
    for places in ([refused, candidate], [candidate]):
        try:
            told.append(repr(get(*places)))
        except DownloadError as error:
            told += ["".join(traceback.format_exception(error)), repr(error), repr(error.troubles)]
        told.append(_everything_written(target.parent))
    told += [repr(probe([candidate, refused])), *diary.sentences, caplog.text, *capfd.readouterr()]
    assert target.read_bytes() == body
    assert "x.nc.part.json" in "".join(told)  # what is left of the cut transfer was looked at too
    for secret in (SECRET, "p%40ss", "S1GNED", BASIC.removeprefix("Basic ")):
        assert not [text for text in told if secret in text]


def test_a_login_is_never_printed():
    assert "ann" not in repr(Login("ann", SECRET))
    assert SECRET not in repr(Login("ann", SECRET))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://ann:secret@host:8443/a/x.nc?sign=1#part", "https://host:8443/a/x.nc"),
        ("s3://bucket/key", "s3://bucket/key"),
        ("/data/what?.nc", "/data/what?.nc"),
        ("/data/a::b.nc", "/data/a::b.nc"),
        ("simplecache::http://ann:secret@host/x.nc?sign=1", "simplecache::http://host/x.nc"),
        ("zip://x.nc::simplecache::https://ann:s@host/a.zip", "zip://x.nc::simplecache::https://host/a.zip"),
        ("zip://x.nc::ftp://ann:secret@[::1]:21/a.zip", "zip://x.nc::ftp://[::1]:21/a.zip"),
        ("http://ann:secret@[::1]:80/x.nc", "http://[::1]:80/x.nc"),
        ("https://host/x.nc?sign=1::2", "https://host/x.nc"),
    ],
)
def test_an_address_is_shown_without_login_and_query(url, shown):
    assert scrubbed(url) == shown


def test_a_message_loses_the_password_and_what_addresses_hide():
    text = "cannot open https://ann:x@host/x.nc?sign=1 not even with p%40ss%2Fw0rd%3F or p@ss/w0rd?"
    assert redacted(text, Login("ann", SECRET)) == ("cannot open https://host/x.nc not even with *** or ***")


@pytest.mark.parametrize("login", [None, Login("", ""), Login("t0ken", "")])
def test_a_message_without_secrets_stays_as_it_is(login):
    assert redacted("it answers 503", login) == "it answers 503"


def test_a_message_loses_a_token_that_is_a_user_without_a_password():
    assert redacted("530 t0ken may not log in", Login("t0ken", "")) == "530 *** may not log in"


def test_the_login_of_a_chained_address_is_known_so_that_no_message_tells_it():
    assert find_login("simplecache::https://ann:sesame@host/x.nc", None) == Login("ann", "sesame")


def test_an_address_without_a_host_has_no_login():
    assert find_login("/data/x.nc", None) is None
