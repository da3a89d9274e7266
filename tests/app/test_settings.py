import pytest

from tests.app.processes import APP


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("RATE_LIMIT_MAX", "many", "RATE_LIMIT_MAX must be a whole number from 1 to"),
        ("RATE_LIMIT_MAX", "\u0661", "RATE_LIMIT_MAX must be printable ASCII"),
        ("DATABASE_URL", "", "DATABASE_URL is required"),
        ("DATABASE_URL", "mysql://u:hush@h/d", "DATABASE_URL must be a URL starting with postgresql://"),
        ("DATABASE_URL", "postgresql://u:hush@:5432,h2/", "DATABASE_URL must be a URL starting with postgresql://"),
        ("REDIS_URL", "http://:hush@h", "REDIS_URL must be a URL starting with redis://"),
        ("REDIS_HOSTS", "redis", "REDIS_HOSTS must list host:port of each Redis"),
        ("REDIS_HOSTS", "a:1,a:1", "REDIS_HOSTS must list host:port of each Redis"),
        ("JWT_PRIVATE_KEY_FILE", "/nowhere/key.pem", "JWT_PRIVATE_KEY_FILE must name a readable file"),
        ("JWT_PUBLIC_KEY_FILE", "/etc/passwd", "JWT_PUBLIC_KEY_FILE must name a file starting with"),
        ("MAIN_TABLE", "trips; drop", "MAIN_TABLE must be a lower-case SQL name"),
        ("MAIN_TABLE", "users", "MAIN_TABLE must not be 'users'"),
        ("API_PREFIX", "api/", "API_PREFIX must be an absolute path"),
        ("PATH_READY", "/health", "PATH_LIVE, PATH_READY, ... must all differ"),
        ("TRUSTED_PROXIES", "10.0.0.1/8", "TRUSTED_PROXIES must list CIDR networks"),
        ("CORS_ORIGIN", "*", "CORS_ORIGIN must be one origin"),
        ("APP_FAULTS", "true", "APP_FAULTS must be on or off"),
        ("ROLES", "owner", "ROLES must list at least two roles"),
        ("HEALTH_CHECKS", "database,weather", "HEALTH_CHECKS must list some of database,redis,disk"),
        ("HEALTH_CHECKS", "third_parties", "THIRD_PARTY_URLS is required by HEALTH_CHECKS"),
        ("APP_HEADERS", "no header", "APP_HEADERS must hold `Name: value` pairs"),
        ("JWT_ALGORITHMS", "ES256", "JWT_ALGORITHMS must list some of RS256,HS256,none"),
        ("LOG_LEVEL", "loud", "LOG_LEVEL must be debug, info, warning or error"),
        ("BOOTSTRAP_ADMIN_EMAIL", "", "BOOTSTRAP_ADMIN_EMAIL and BOOTSTRAP_ADMIN_PASSWORD_FILE go together"),
    ],
)
def test_a_bad_setting_gives_one_clear_line(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str
) -> None:
    """It names the variable, what was expected and a hint, and never shows what may hold a password."""
    monkeypatch.syspath_prepend(str(APP))
    from standin.environment import SettingsError  # noqa: PLC0415 - the application is not installed, only found
    from standin.settings import read_settings  # noqa: PLC0415 - likewise

    read_settings(environment)
    with pytest.raises(SettingsError) as caught:
        read_settings({**environment, name: value})

    told = str(caught.value)
    assert (told.startswith(expected), told.count("\n"), "; hint: " in told) == (True, 0, True)
    assert "hush" not in told


def test_a_database_may_be_on_several_hosts(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's URLs name every server that may take writes (its manual, 34.1.1), and are taken as they are."""
    monkeypatch.syspath_prepend(str(APP))
    from standin.settings import read_settings  # noqa: PLC0415 - the application is not installed, only found

    url = "postgresql://u:hush@h1:5432,h2:5433/d?target_session_attrs=read-write"

    assert read_settings({**environment, "DATABASE_URL": url}).database_url == url
