"""A small closed-loop load generator: N connections, each asks again when it has its answer."""

import http.client
import re
import socket
import threading
import time
import urllib.parse
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


@dataclass
class Answers:
    """What came back during one measurement. Latencies in seconds."""

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers per second."""
        return sum(self.statuses.values()) / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        """The latency that ``share`` (0…1) of the answers did not exceed."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


class Session:
    """Somebody signed in: cookies, and the token that a request which changes something has to carry."""

    def __init__(self, host: str, port: int, email: str, password: str) -> None:
        self.host, self.port = host, port
        self.cookies: dict[str, str] = {}
        self._ask("GET", "/accounts/login/")
        status = self._ask("POST", "/accounts/login/", {"login": email, "password": password})
        if status != 302:
            raise RuntimeError(f"sign-in was answered with {status}")

    def _ask(self, method: str, path: str, form: dict[str, str] | None = None) -> int:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
        body = None
        headers = {"Cookie": self.cookie_line()}
        if form is not None:
            body = urllib.parse.urlencode({**form, "csrfmiddlewaretoken": self.token})
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.split(";", 1)[0].partition("=")
            self.cookies[name] = value
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)
        if found:
            self._form_token = found.group(1)
        connection.close()
        return answer.status

    @property
    def token(self) -> str:
        return self.cookies.get("csrftoken") or self._form_token

    def cookie_line(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def get(self, path: str) -> bytes:
        """A whole GET request, ready to be sent."""
        return self._request("GET", path, b"", "")

    def post(self, path: str, body: bytes, key: str) -> bytes:
        """A whole POST request with JSON and an Idempotency-Key."""
        extra = f"Content-Type: application/json\r\nX-CSRFToken: {self.token}\r\nIdempotency-Key: {key}\r\n"
        return self._request("POST", path, body, extra)

    def _request(self, method: str, path: str, body: bytes, extra: str) -> bytes:
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nCookie: {self.cookie_line()}\r\n"
            f"Accept: application/json\r\n{extra}Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


def _exchange(connection: socket.socket, request: bytes) -> int:
    """Send one request, read its whole answer; the status."""
    connection.sendall(request)
    received = b""
    while b"\r\n\r\n" not in received:
        part = connection.recv(65536)
        if not part:
            raise ConnectionError("closed")
        received += part
    head, _, body = received.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
    missing = (int(length.group(1)) if length else 0) - len(body)
    while missing > 0:
        part = connection.recv(min(missing, 1 << 20))
        if not part:
            raise ConnectionError("closed")
        missing -= len(part)
    return int(head[9:12])


def run(
    host: str, port: int, clients: int, seconds: float, requests: Callable[[int], Iterator[bytes]]
) -> Answers:
    """Let ``clients`` ask for ``seconds``, or until their requests run out. ``requests(number)`` are a client's."""
    total = Answers()
    guard = threading.Lock()
    begin = threading.Barrier(clients + 1)

    def client(number: int) -> None:
        own = Answers()
        pending = requests(number)
        connection = socket.create_connection((host, port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        begin.wait()
        deadline = time.perf_counter() + seconds
        for request in pending:
            begun = time.perf_counter()
            if begun >= deadline:
                break
            try:
                status = _exchange(connection, request)
            except OSError:
                status = 0
                connection.close()
                connection = socket.create_connection((host, port))
            own.statuses[status] += 1
            own.latencies.append(time.perf_counter() - begun)
        connection.close()
        with guard:
            total.statuses += own.statuses
            total.latencies += own.latencies

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    begin.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    total.seconds = time.perf_counter() - begun
    return total
