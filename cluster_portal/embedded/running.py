"""``./portal run`` and the commands that need the same servers."""

import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from cluster_portal import env

from .place import Place, say, stderr
from .servers import Servers, running_addresses
from .store import AlreadyRunning
from .supervisor import Program, Supervisor

MANAGE = "manage.py"


class Refused(Exception):
    """The command cannot be done as asked; the text says why and what to do."""


def listen(host: str, port: int) -> socket.socket:
    """The web's listening socket. It belongs to the supervisor, so that connections wait, and are not
    refused, while a killed web server is started again."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise Refused(
            f"Port {port} on {host} cannot be used ({error.strerror}). "
            "Choose another one: PORT=8001 ./portal run"
        ) from None
    listening.listen(512)
    listening.set_inheritable(True)
    return listening


def run(place: Place, *, empty: bool) -> int:
    """Everything: install, servers, migrations, demo data, web, worker, beat; until it is told to stop."""
    begun = time.monotonic()
    place.environment.ensure("requirements.txt")
    servers = Servers(place.store, place.environment.path)
    place.store.lock()
    listening = listen(env.str("HOST", "127.0.0.1"), env.int("PORT", 8000))
    supervisor = Supervisor(say)
    supervisor.handle_signals()
    try:
        servers.start(supervisor)
        variables = place.variables(servers.addresses(), demo=not empty)
        variables.setdefault("PUBLIC_URL", f"http://localhost:{listening.getsockname()[1]}")
        if not supervisor.stopping:
            _prepare(place, variables, empty=empty)
        for program in programs(place, variables, listening):
            if not supervisor.stopping:
                supervisor.start(program, patience=120)
        if not supervisor.stopping:
            _greet(place, variables, listening, empty=empty, seconds=time.monotonic() - begun)
        supervisor.watch()
        say("Stopping …")
    finally:
        supervisor.stop()
        listening.close()
        place.store.unlock()
    say("Stopped.")
    return 0


def _prepare(place: Place, variables: dict[str, str], *, empty: bool) -> None:
    """Translations, tables, static files, demo data: one process of Django for all of them.

    It is left out where nothing changed since it last succeeded on these databases, because starting Django to
    find that out takes half of a second start. A server of the operator's own may be another one each time.
    """
    own = env.is_set("DATABASE_URL")
    kind = "empty" if empty else place.cluster
    fingerprint = place.fingerprint(kind)
    if own or place.store.get("prepared") != fingerprint:
        command = [place.python, MANAGE, "prepare_portal", *([] if empty else ["--cluster", place.cluster])]
        if subprocess.run(command, cwd=place.base, env=variables, check=False).returncode != 0:
            raise Refused("The portal could not be prepared (see above).")
        place.store.put(prepared=fingerprint)
    if empty and sys.stdin.isatty() and place.store.get("founded") is not True:
        command = [place.python, MANAGE, "create_administrator", "--if-none"]
        if subprocess.run(command, cwd=place.base, env=variables, check=False).returncode != 0:
            raise Refused("There is no administrator yet; start again to be asked once more.")
        place.store.put(founded=True)


def programs(place: Place, variables: dict[str, str], listening: socket.socket) -> list[Program]:
    """What runs beside the servers, in the order of its start."""
    log = place.store.root / "log"
    port = listening.getsockname()[1]
    celery = [place.python, "-m", "celery", "--app", "cluster_portal.celery"]

    def answers() -> bool:
        return _answers(listening)

    web = [
        place.python, "-m", "gunicorn", "--config", "python:cluster_portal.ops.gunicorn",
        "--bind", f"fd://{listening.fileno()}", "cluster_portal.wsgi:application",
    ]  # fmt: skip
    counting = {**variables, "PROMETHEUS_MULTIPROC_DIR": str(place.store.root / "run" / "metrics")}

    def worker(name: str, *queue: str) -> list[str]:
        return [
            *celery, "worker", "--loglevel", "WARNING", "--concurrency", str(env.int("WORKER_PROCESSES", 2)),
            "--hostname", f"{name}-{port}@%h", "--without-gossip", "--without-mingle", *queue,
        ]  # fmt: skip

    beat = [*celery, "beat", "--loglevel", "WARNING", "--schedule", str(place.store.root / "run" / "beat"),
            "--pidfile", ""]  # fmt: skip
    return [
        # Web processes that lost their parent finish the requests that they have.
        Program("web", lambda: web, log / "web.log", place.base, counting, ready=answers, stop_patience=25,
                clear_signal=signal.SIGTERM, pass_fds=(listening.fileno(),)),
        Program("worker", lambda: worker("worker"), log / "worker.log", place.base, variables, stop_patience=25),
        Program("jobs", lambda: worker("jobs", "--queues", "jobs"), log / "jobs.log", place.base, variables,
                stop_patience=25),
        Program("beat", lambda: beat, log / "beat.log", place.base, variables, stop_patience=10),
    ]  # fmt: skip


def _answers(listening: socket.socket) -> bool:
    host, port = listening.getsockname()[:2]
    if host in {"0.0.0.0", "::"}:
        host = "127.0.0.1" if host == "0.0.0.0" else "::1"
    host = f"[{host}]" if ":" in host else host
    try:
        with urllib.request.urlopen(f"http://{host}:{port}/health/live", timeout=2) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError:
        return True  # it answers; what it says is for the log
    except OSError:
        return False


def _greet(
    place: Place, variables: dict[str, str], listening: socket.socket, *, empty: bool, seconds: float
) -> None:
    host, port = listening.getsockname()[:2]
    shown = "localhost" if host in {"127.0.0.1", "0.0.0.0", "::", "::1"} else host
    say(f"\nThe portal is ready after {seconds:.0f} s:  http://{shown}:{port}/\n")
    logins = place.store.root / "run" / "logins.txt"
    if not empty and logins.exists():
        say(logins.read_text(encoding="utf-8"))
    if empty and not sys.stdin.isatty():
        say("No terminal to ask at: ./portal manage create_administrator makes an administrator.")
    say(f"Data and logs: {place.store.root}    Ctrl-C stops everything.")


@contextmanager
def servers_for(place: Place, *, durable: bool = True, afresh: bool = False) -> Iterator[dict[str, str]]:
    """Addresses of the place's servers for one command: those that run already, or ones started for it.

    With ``afresh`` a Valkey that is started begins without keys.
    """
    servers = Servers(place.store, place.environment.path, durable=durable)
    try:
        place.store.lock()
    except AlreadyRunning:
        yield running_addresses(place.store)
        return
    supervisor = Supervisor(stderr)
    try:
        servers.start(supervisor)
        if afresh and servers.valkey is not None:
            servers.valkey.forget()
        yield servers.addresses()
    finally:
        supervisor.stop()
        place.store.unlock()


def manage(place: Place, arguments: Sequence[str]) -> int:
    """``./portal manage migrate`` …: a command of Django in the portal's environment."""
    place.environment.ensure("requirements.txt")
    demo = (place.store.root / "run" / "logins.txt").exists() or env.bool("PORTAL_DEMO", False)
    with servers_for(place) as addresses:
        return _foreground(place, [place.python, MANAGE, *arguments], place.variables(addresses, demo=demo))


def bench(place: Place, arguments: Sequence[str]) -> int:
    """``./portal bench``: the measurements, on servers of their own under ``.portal/bench``."""
    place.environment.ensure("requirements.txt", "requirements-dev.txt")
    if not env.is_set("PORTAL_DATA"):
        place.store.root = place.base / ".portal" / "bench"
    with servers_for(place) as addresses:
        variables = place.variables(addresses, demo=True)
        return _foreground(place, [place.python, "-m", "tests.bench", *arguments], variables)


def database(place: Place) -> int:
    """``./portal db``: only the servers, watched, until it is told to stop."""
    place.environment.ensure("requirements.txt")
    servers = Servers(place.store, place.environment.path)
    place.store.lock()
    supervisor = Supervisor(say)
    supervisor.handle_signals()
    try:
        servers.start(supervisor)
        for name, value in servers.addresses().items():
            say(f"export {name}='{value}'")
        say("# running; Ctrl-C stops both")
        supervisor.watch()
    finally:
        supervisor.stop()
        place.store.unlock()
    return 0


def print_addresses(place: Place) -> int:
    """``./portal db --env``: what ``eval "$(./portal db --env)"`` wants."""
    if not place.store.is_locked():
        raise Refused(f"Nothing runs on {place.store.root}; start it with ./portal run or ./portal db.")
    variables = place.variables(running_addresses(place.store), demo=True)
    names = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PORTAL_DATA", "PORTAL_DEMO", "ALLOWED_HOSTS")
    for name in names:
        if name in variables:
            print(f"export {name}='{variables[name]}'")
    return 0


def lock_requirements(place: Place) -> int:
    """``./portal lock``: new locked lists with hashes from the two .in files."""
    place.environment.ensure("requirements.txt")
    for name in ("requirements", "requirements-dev"):
        command = ["uv", "pip", "compile", "--quiet", "--upgrade", "--generate-hashes", "--universal",
                   "--python-version", "3.11", f"{name}.in", "-o", f"{name}.txt"]  # fmt: skip
        try:
            status = subprocess.run(command, cwd=place.base, check=False).returncode
        except FileNotFoundError:
            raise Refused("./portal lock needs uv on the PATH.") from None
        if status != 0:
            return status
    return 0


def _foreground(place: Place, command: Sequence[str], variables: dict[str, str]) -> int:
    """A child at the terminal. Ctrl-C goes to it; we wait for its end, so the servers outlive it."""
    kept = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        child = subprocess.Popen(
            list(command), cwd=place.base, env=variables, preexec_fn=lambda: _default_signals() or None
        )
        signal.signal(signal.SIGTERM, lambda number, frame: child.terminate())
        return child.wait()
    finally:
        signal.signal(signal.SIGINT, kept)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _default_signals() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
