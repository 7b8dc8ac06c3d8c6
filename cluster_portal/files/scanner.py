"""The virus scanner: clamd, where the operator has one (`CLAMD`)."""

from __future__ import annotations

import logging
import socket
import struct
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from cluster_portal.files.errors import FileRefused, ScannerAway

if TYPE_CHECKING:
    from cluster_portal.files.contents import View

log = logging.getLogger(__name__)

CHUNK = 64 * 1024
#: Seconds to connect, and to wait for each answer: a scan of 25 MB takes a few.
CONNECT, ANSWER = 3, 60


def scan(view: View) -> None:
    """Have the content looked at, where a scanner is configured.

    Raises FileRefused for an infected file, and ScannerAway where the scanner does not answer or gives no verdict (a
    file beyond the scanner's own limits too: nothing is taken unseen).
    """
    if not settings.CLAMD:
        return
    try:
        verdict = _ask(settings.CLAMD, view)
    except OSError as exc:
        log.error("virus scanner away", extra={"error": type(exc).__name__})
        raise ScannerAway(field="file") from exc
    if verdict.endswith("FOUND"):
        # The threat's name is clamd's, the file's name is a person's: only the first goes to the log.
        log.warning("infected file refused", extra={"threat": verdict.removeprefix("stream: ")[:100]})
        raise FileRefused("infected")
    if not verdict.endswith("OK"):
        log.error("virus scanner gave no verdict", extra={"answer": verdict[:100]})
        raise ScannerAway(field="file")


def address(text: str) -> tuple[int, str | tuple[str, int]]:
    """`tcp://host:port` or `unix:///path` as a family and an address of sockets. Raises ImproperlyConfigured."""
    parts = urlsplit(text)
    if parts.scheme == "unix" and parts.path and not parts.netloc:
        return socket.AF_UNIX, parts.path
    try:
        port = parts.port
    except ValueError:
        port = None
    if parts.scheme == "tcp" and parts.hostname and port:
        return socket.AF_INET, (parts.hostname, port)
    raise ImproperlyConfigured("CLAMD should look like tcp://host:3310 or unix:///run/clamav/clamd.ctl.")


def _connect(text: str) -> socket.socket:
    family, place = address(text)
    if family == socket.AF_INET:
        return socket.create_connection(place, timeout=CONNECT)
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.settimeout(CONNECT)
        connection.connect(place)
    except OSError:
        connection.close()
        raise
    return connection


def _ask(text: str, view: View) -> str:
    """clamd's answer to INSTREAM, as its manual describes it: chunks behind their lengths, an empty one at the end."""
    with _connect(text) as connection:
        connection.settimeout(ANSWER)
        try:
            connection.sendall(b"zINSTREAM\0")
            for start in range(0, len(view), CHUNK):
                chunk = view[start : start + CHUNK]
                connection.sendall(struct.pack("!I", len(chunk)) + chunk)
            connection.sendall(struct.pack("!I", 0))
        except (BrokenPipeError, ConnectionResetError):
            # clamd says why it stopped listening (its own limit of size), if it still can.
            log.warning("virus scanner stopped listening")
        answer = b""
        while not answer.endswith(b"\0") and len(answer) < 4096:
            received = connection.recv(1024)
            if not received:
                break
            answer += received
    return answer.rstrip(b"\0\n").decode("utf-8", "replace").strip()
