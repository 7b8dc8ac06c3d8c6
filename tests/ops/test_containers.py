"""Dockerfile and docker-compose.yml: every command, as it is written there, run outside a container.

What an engine would do besides (pull images, build layers, join networks) is not proved here.
"""

import os
import re
import shlex
import signal
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import redis
import yaml

from cluster_portal.embedded.account import servers_account
from cluster_portal.embedded.programs import postgres_programs, valkey_program
from cluster_portal.embedded.servers import Servers
from cluster_portal.embedded.store import Store, free_port
from cluster_portal.embedded.supervisor import Supervisor

pytestmark = [pytest.mark.concurrency, pytest.mark.slow]

BASE = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((BASE / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
DOCKERFILE = (BASE / "Dockerfile").read_text(encoding="utf-8")

#: What .env would hold.
SECRETS = {
    "SECRET_KEY": "a-key-of-the-tests-that-is-long-enough-0000",
    "POSTGRES_PASSWORD": "p",
    "REDIS_PASSWORD": "r",
}


def filled(text: str) -> str:
    """Compose's own substitution: ``${NAME:-default}``, ``${NAME:?message}``, ``${NAME}``."""

    def value(match: re.Match[str]) -> str:
        name, _, default = match.groups()
        return SECRETS.get(name, default if match.group(2) == ":-" and default else "")

    return re.sub(r"\$\{([A-Z_]+)(?:(:-|:\?)([^}]*))?\}", value, text)


def image_variables() -> dict[str, str]:
    """The ENV lines of the Dockerfile."""
    found = {}
    for line in re.findall(r"^ENV (.+)$", DOCKERFILE, flags=re.MULTILINE):
        found |= dict(part.split("=", 1) for part in shlex.split(line))
    return found


@pytest.fixture(scope="module")
def stack() -> Iterator[dict[str, str]]:
    """Addresses of servers that play the services postgres and redis."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        for name in ("DATABASE_URL", "REDIS_URL"):
            patch.delenv(name, raising=False)
        servers = Servers(Store(Path(place) / "data"), BASE / ".venv", durable=False)
        servers.store.lock()
        supervisor = Supervisor(lambda text: None)
        try:
            servers.start(supervisor)
            yield servers.addresses()
        finally:
            supervisor.stop()
            servers.store.unlock()


@pytest.fixture(scope="module")
def variables(stack: dict[str, str]) -> Iterator[dict[str, str]]:
    """The environment of the portal's containers, with the addresses and paths of this machine."""
    with tempfile.TemporaryDirectory() as place:
        compose = {name: filled(str(value)) for name, value in COMPOSE["x-portal"]["environment"].items()}
        assert compose["DATABASE_URL"] == "postgresql://portal:p@postgres:5432/portal"
        assert compose["REDIS_URL"] == "redis://:r@redis:6379/0"
        image = image_variables()
        assert image["WEB_BIND"] == "0.0.0.0:8000"
        yield {
            "PATH": f"{BASE / '.venv' / 'bin'}:{os.environ['PATH']}",
            **image,
            **compose,
            **stack,
            "PORTAL_DATA": f"{place}/data",
            "STATIC_ROOT": f"{place}/static",
            "PROMETHEUS_MULTIPROC_DIR": f"{place}/metrics",
            "WEB_BIND": f"127.0.0.1:{free_port()}",
        }


def run(
    command: list[str], variables: dict[str, str], seconds: float = 240
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=BASE, env=variables, capture_output=True, text=True, timeout=seconds, check=False
    )


@pytest.fixture(scope="module")
def built(variables: dict[str, str]) -> dict[str, str]:
    """The image's second RUN and the service migrate: what web, worker and beat find done."""
    steps = list(re.findall(r"^RUN ((?:.*\\\n)*.*)$", DOCKERFILE, flags=re.MULTILINE))
    build = next(step for step in steps if "collectstatic" in step).replace("\\\n", " ")
    build = build.replace("/srv/static", variables["STATIC_ROOT"])
    without = {name: value for name, value in variables.items() if name not in {"SECRET_KEY", "DATABASE_URL"}}
    done = run(["sh", "-c", build], without)
    assert done.returncode == 0, done.stderr
    assert (Path(variables["STATIC_ROOT"]) / "staticfiles.json").is_file()
    done = run(SERVICES["migrate"]["command"], variables)
    assert done.returncode == 0, done.stderr
    return variables


def started(name: str, variables: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        SERVICES[name]["command"], cwd=BASE, env=variables, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def ended(process: subprocess.Popen[bytes], seconds: float) -> int:
    """docker stop: SIGTERM, and a clean end within the grace period."""
    process.send_signal(signal.SIGTERM)
    try:
        return process.wait(seconds)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


def test_the_requirements_of_the_image_are_locked(variables: dict[str, str]) -> None:
    """The first RUN, asked only whether everything that it wants is there."""
    install = next(line for line in DOCKERFILE.splitlines() if "pip install" in line)
    assert install == "RUN python -m pip install --require-hashes --only-binary :all: -r requirements.txt"
    assert "--hash=sha256:" in (BASE / "requirements.txt").read_text(encoding="utf-8")


def test_every_service_of_the_portal_runs_the_same_image() -> None:
    assert set(SERVICES) == {"postgres", "redis", "migrate", "web", "worker", "jobs", "beat"}
    for name in ("migrate", "web", "worker", "jobs", "beat"):
        assert SERVICES[name]["image"] == "cluster-portal"
        assert SERVICES[name]["read_only"] is True
        assert SERVICES[name]["cap_drop"] == ["ALL"]
    command = re.search(r"^CMD (.+)$", DOCKERFILE, flags=re.MULTILINE)
    assert command is not None
    assert yaml.safe_load(command.group(1)) == SERVICES["web"]["command"]


def test_web_becomes_healthy_and_stops_cleanly(built: dict[str, str]) -> None:
    web = started("web", built)
    address = built["WEB_BIND"]
    kind, *probe = SERVICES["web"]["healthcheck"]["test"]
    assert kind == "CMD"
    probe = [part.replace("127.0.0.1:8000", address) for part in probe]
    deadline = time.monotonic() + 60
    while run(probe, built).returncode != 0:
        assert web.poll() is None, "web ended"
        assert time.monotonic() < deadline, "web did not become healthy"
        time.sleep(0.3)
    with urllib.request.urlopen(f"http://{address}/") as answer:
        page = answer.read().decode()
        assert answer.status == 200
    style = re.search(r'href="(/static/[^"]+\.css)"', page)
    assert style is not None
    with urllib.request.urlopen(f"http://{address}{style.group(1)}") as answer:
        assert answer.status == 200
        assert "immutable" in answer.headers["Cache-Control"]
    assert ended(web, 30) == 0


def test_worker_and_beat_relay_the_outbox(built: dict[str, str]) -> None:
    """A message that is due is taken without anybody else: beat sends the round, the worker does it."""
    with psycopg2.connect(built["DATABASE_URL"]) as connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO common_outboxmessage (task, payload, due_at, created_at, attempts, error)"
            " VALUES ('tests.nobody', '{}', now(), now(), 0, '') RETURNING id"
        )
        (number,) = cursor.fetchone()
    processes = [started("worker", built), started("beat", {**built, "PATH": built["PATH"]})]
    try:
        deadline = time.monotonic() + 60
        attempts = 0
        while attempts == 0 and time.monotonic() < deadline:
            time.sleep(0.5)
            with psycopg2.connect(built["DATABASE_URL"]) as connection, connection.cursor() as cursor:
                cursor.execute("SELECT attempts FROM common_outboxmessage WHERE id = %s", [number])
                (attempts,) = cursor.fetchone()
        assert attempts >= 1
    finally:
        statuses = [ended(process, 40) for process in processes]
    assert statuses[0] == 0
    assert statuses[1] in {0, -signal.SIGTERM}


def test_the_postgres_service_takes_its_flags(tmp_path_factory: pytest.TempPathFactory) -> None:
    """initdb with POSTGRES_INITDB_ARGS and the server with the command's settings."""
    account = servers_account()
    programs = postgres_programs(BASE / ".venv", account)
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        data = Path(place) / "data"
        data.mkdir(mode=0o700)
        account.take(data)
        arguments = shlex.split(SERVICES["postgres"]["environment"]["POSTGRES_INITDB_ARGS"])
        clean = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        who = account.popen_arguments()
        made = subprocess.run(
            [programs / "initdb", "-D", data, "--username=portal", "--auth=trust", *arguments],
            cwd=place, env=clean, capture_output=True, text=True, check=False, **who,
        )  # fmt: skip
        assert made.returncode == 0, made.stderr
        program, *settings = SERVICES["postgres"]["command"]
        assert program == "postgres"
        port = free_port()
        own = [
            "-D",
            data,
            "-c",
            f"port={port}",
            "-c",
            "unix_socket_directories=",
            "-c",
            "listen_addresses=127.0.0.1",
        ]
        server = subprocess.Popen(
            [programs / program, *own, *settings], cwd=place, env=clean, stderr=subprocess.DEVNULL, **who
        )
        try:
            probe = SERVICES["postgres"]["healthcheck"]["test"][1:]
            probe = [programs / probe[0], *probe[1:], f"--port={port}", "--host=127.0.0.1"]
            deadline = time.monotonic() + 30
            while subprocess.run(probe, capture_output=True, check=False).returncode != 0:
                assert server.poll() is None and time.monotonic() < deadline
                time.sleep(0.1)
            with psycopg2.connect(
                host="127.0.0.1", port=port, user="portal", dbname="postgres"
            ) as connection:
                cursor = connection.cursor()
                cursor.execute(
                    "SELECT datlocale, current_setting('log_error_verbosity') FROM pg_database LIMIT 1"
                )
                assert cursor.fetchone() == ("PG_UNICODE_FAST", "terse")
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)


def test_the_redis_service_takes_its_flags() -> None:
    account = servers_account()
    program, *flags = [filled(str(part)) for part in SERVICES["redis"]["command"]]
    assert program == "valkey-server"
    with tempfile.TemporaryDirectory() as place:
        account.take(Path(place))
        port = free_port()
        server = subprocess.Popen(
            [valkey_program(BASE / ".venv", account), *flags, "--port", str(port)],
            cwd=place, stdout=subprocess.DEVNULL, **account.popen_arguments(),
        )  # fmt: skip
        try:
            client = redis.Redis(port=port, password=SECRETS["REDIS_PASSWORD"])
            deadline = time.monotonic() + 20
            while True:
                try:
                    assert client.ping()
                    break
                except redis.ConnectionError:
                    assert server.poll() is None and time.monotonic() < deadline
                    time.sleep(0.05)
            settings = (
                client.config_get("append*")
                | client.config_get("save")
                | client.config_get("maxmemory-policy")
            )
            assert settings["appendonly"] == "yes" and settings["save"] == ""
            assert settings["maxmemory-policy"] == "noeviction"
        finally:
            server.terminate()
            server.wait(20)
