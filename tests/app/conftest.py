import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.app import processes
from tests.app.processes import App, Server

ADMIN, PASSWORD = "admin@nestmap.test", "correct horse battery"
Launch = Callable[..., App]


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """A short path everybody may enter, so that PostgreSQL can run as another user."""
    with tempfile.TemporaryDirectory(prefix="standin-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="session")
def keys(folder: Path) -> Path:
    """A folder with private.pem and public.pem."""
    private = rsa.generate_private_key(65537, 2048)
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    (folder / "private.pem").write_bytes(private.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    public = private.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
    (folder / "public.pem").write_bytes(public)
    return folder


@pytest.fixture(scope="session")
def database(folder: Path) -> Iterator[Server]:
    server = processes.postgres(folder).start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def redis(folder: Path) -> Iterator[Server]:
    server = processes.redis(folder).start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def environment(folder: Path, keys: Path, database: Server, redis: Server) -> dict[str, str]:
    """The settings most tests use."""
    (folder / "password").write_text(PASSWORD + "\n")
    settings = {
        "APP_NAME": "nestmap",
        "APP_VERSION": "1.2.3",
        "DATABASE_URL": database.url,
        "REDIS_URL": f"redis://127.0.0.1:{redis.port}/1",
        "JWT_PRIVATE_KEY_FILE": str(keys / "private.pem"),
        "JWT_PUBLIC_KEY_FILE": str(keys / "public.pem"),
        "UPLOAD_DIR": str(folder / "uploads"),
        "MAX_UPLOAD_BYTES": "100000",
        "RATE_LIMIT_MAX": "1000000",
        "CORS_ORIGIN": "https://nestmap.test",
        "HSTS": "max-age=31536000; includeSubDomains; preload",
        "TRUSTED_PROXIES": "127.0.0.1/32",
        "BOOTSTRAP_ADMIN_EMAIL": ADMIN,
        "BOOTSTRAP_ADMIN_PASSWORD_FILE": str(folder / "password"),
        "APP_FAULTS": "on",
        "APP_DIAGNOSTICS": "on",
    }
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(processes.APP), **settings}


@pytest.fixture(scope="session")
def app(environment: dict[str, str], folder: Path) -> Iterator[App]:
    """Two replicas that most tests share."""
    running = processes.start(environment, folder, "--migrate", replicas=2)
    try:
        yield processes.ready(running)
    finally:
        running.stop()


@pytest.fixture
def launch(environment: dict[str, str], folder: Path, app: App) -> Iterator[Launch]:
    """Starts an application of its own for one test, on the shared and prepared database unless told otherwise."""
    assert app.process.poll() is None
    running = []

    def start(*arguments: str, replicas: int = 1, wait: bool = True, **settings: str) -> App:
        running.append(processes.start({**environment, **settings}, folder, *arguments, replicas=replicas))
        return processes.ready(running[-1]) if wait else running[-1]

    yield start
    for started in running:
        started.session.close()
        if started.process.poll() is None:
            started.stop()


@pytest.fixture
def play(environment: dict[str, str], folder: Path) -> Iterator[Launch]:
    """Starts another part of the application for one test: a worker, an identity provider, Grafana's login."""
    running = []

    def start(part: str, **settings: str) -> App:
        running.append(processes.other(environment, folder, part, **settings))
        return running[-1]

    yield start
    for started in running:
        if started.process.poll() is None:
            started.stop()


@pytest.fixture(scope="session")
def admin(app: App) -> str:
    """An administrator's access token."""
    return app.login(ADMIN, PASSWORD)


@pytest.fixture(scope="session")
def members(app: App, admin: str) -> list[str]:
    """The access tokens of two ordinary users."""
    tokens = []
    for name in ("ann@nestmap.test", "bob@nestmap.test"):
        made = app.ask("POST", "/api/users", token=admin, json={"email": name, "password": PASSWORD})
        assert made.status_code == 201, made.text
        tokens.append(app.login(name, PASSWORD))
    return tokens
