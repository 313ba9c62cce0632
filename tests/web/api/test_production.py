"""Production mode starts with safe settings only, and names all that are not."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from oceanbench_leaderboard.settings import Settings
from oceanbench_web.errors import InsecureSettings
from oceanbench_web.security.production import check_production
from oceanbench_web.settings import WebSettings

KEY = "Zm9yIHRlc3RzIG9ubHksIG5vdCBmb3IgYW55IHNlcnZpY2U"
WEB = WebSettings()


@pytest.fixture
def safe(tmp_path: Path) -> Settings:
    data = tmp_path / "service"
    data.mkdir(mode=0o700)
    return Settings.from_environment(
        data, {}, mode="production", secret_key=KEY, base_url="https://boards.example.org"
    )


def refused(settings: Settings, web: WebSettings = WEB, **environment: str) -> str:
    with pytest.raises(InsecureSettings) as error:
        check_production(settings, web, environment)
    return str(error.value)


def test_safe_settings_are_let_pass(safe: Settings) -> None:
    check_production(safe, WEB, {})


def test_development_asks_for_nothing(tmp_path: Path) -> None:
    check_production(Settings.from_environment(tmp_path, {}), WEB, {"OCEANBENCH_DEBUG": "1"})


@pytest.mark.parametrize("key", ["", "short", "a" * 60, "ab" * 30])
def test_a_key_that_can_be_guessed_is_refused_and_not_repeated(safe: Settings, key: str) -> None:
    message = refused(safe.model_copy(update={"secret_key": key}))
    assert "OCEANBENCH_SECRET_KEY" in message
    assert not key or key not in message


@pytest.mark.parametrize("url", ["", "http://boards.example.org", "boards.example.org", "https://"])
def test_an_address_in_the_clear_is_refused(safe: Settings, url: str) -> None:
    assert "OCEANBENCH_BASE_URL" in refused(safe.model_copy(update={"base_url": url}))


@pytest.mark.parametrize("name", ["", "service.sqlite", "queue.sqlite", "files"])
def test_files_that_every_user_may_read_are_refused(safe: Settings, name: str) -> None:
    safe.data.parent.chmod(0o755)
    for above in safe.data.parent.parents:  # folders of tests are closed to others, which would be enough
        if above.stat().st_mode & 0o700 == 0o700 and not above.stat().st_mode & 0o001:
            above.chmod(above.stat().st_mode | 0o001)
    safe.data.chmod(0o701)
    path = safe.data / name
    if name == "files":
        path.mkdir(mode=0o755)
    elif name:
        path.touch(mode=0o644)
    path.chmod(0o755 if name in ("", "files") else 0o644)
    assert f"{path} can be reached by every user" in refused(safe)


def test_files_in_a_closed_folder_are_safe(safe: Settings) -> None:
    (safe.data / "service.sqlite").touch(mode=0o644)
    (safe.data / "service.sqlite").chmod(0o644)
    check_production(safe, WEB, {})


@pytest.mark.parametrize(
    ("name", "url", "fine"),
    [
        ("database_url", "postgresql+psycopg://me@db.example.org/x", False),
        ("database_url", "postgresql+psycopg://me:word@db.example.org/x", True),
        ("database_url", "postgresql+psycopg://me@127.0.0.1/x", True),
        ("queue_url", "redis://queue.example.org:6379/0", False),
        ("queue_url", "redis://:word@queue.example.org:6379/0", True),
        ("queue_url", "redis://localhost:6379/0", True),
    ],
)
def test_an_engine_elsewhere_needs_a_password(safe: Settings, name: str, url: str, fine: bool) -> None:
    settings = safe.model_copy(update={name: url})
    if fine:
        check_production(settings, WEB, {})
    else:
        assert "without a password" in refused(settings)


def test_trust_in_everybody_and_metrics_for_everybody_are_refused(safe: Settings) -> None:
    assert "TRUSTED_PROXIES" in refused(safe, WebSettings(trusted_proxies=(ip_network("0.0.0.0/0"),)))
    assert "METRICS=all" in refused(safe, WebSettings(metrics="all"))


@pytest.mark.parametrize("name", ["OCEANBENCH_DEBUG", "PYTHONASYNCIODEBUG", "PYTHONDEVMODE"])
def test_a_mode_for_debugging_is_refused(safe: Settings, name: str) -> None:
    assert f"{name} is set" in refused(safe, **{name: "1"})


def test_all_reasons_are_told_at_once(safe: Settings) -> None:
    bad = safe.model_copy(update={"secret_key": "", "base_url": ""})
    assert refused(bad, WebSettings(metrics="all"), PYTHONDEVMODE="1").count("\n- ") == 4


def test_settings_of_the_web_are_read_from_the_environment() -> None:
    given = {"OCEANBENCH_WEB_TRUSTED_PROXIES": "10.0.0.0/8, 192.0.2.7", "OCEANBENCH_WEB_BODY_BYTES": "100"}
    settings = WebSettings.from_environment(given)
    assert settings.trusted_proxies == (ip_network("10.0.0.0/8"), ip_network("192.0.2.7/32"))
    assert settings.body_bytes == 100


@pytest.mark.parametrize(
    ("name", "value"), [("BODY_BYTES", "0"), ("METRICS", "some"), ("TRUSTED_PROXIES", "proxy")]
)
def test_a_setting_that_cannot_be_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"OCEANBENCH_WEB_{name}='{value}' is not allowed"):
        WebSettings.from_environment({f"OCEANBENCH_WEB_{name}": value})
