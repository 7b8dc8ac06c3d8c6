"""One message on its way: a request with a limit on everything, and what was answered."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from dataclasses import dataclass

from cluster_portal.webhooks.addresses import Address, parse, resolve
from cluster_portal.webhooks.errors import AddressRefused

#: Seconds for a connection and for each wait on it, and for the whole exchange however slowly it trickles.
WAIT, WHOLE = 5, 15
#: Characters of the answer that are kept for the people who look for a mistake.
KEPT = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` is HTTP's, None where none came; `text` is the beginning of the body, or why there is none."""

    status: int | None
    text: str

    @property
    def taken(self) -> bool:
        """A redirect is no answer: it would lead to an address that nobody has judged."""
        return self.status is not None and 200 <= self.status < 300


def post(url: str, body: bytes, headers: dict[str, str]) -> Answer:
    """Send a message. Whatever goes wrong is an answer too; redirects are not followed and proxies not asked."""
    try:
        address = parse(url)
        return _exchange(address, resolve(address), body, headers)
    except AddressRefused:
        return Answer(None, "refused: an address in a private network")
    except ssl.SSLCertVerificationError as exc:
        return Answer(None, f"certificate: {exc.verify_message}"[:KEPT])
    except TimeoutError:
        return Answer(None, f"no answer within {WAIT} seconds")
    except (OSError, http.client.HTTPException, ValueError) as exc:
        return Answer(None, f"{type(exc).__name__}: {getattr(exc, 'strerror', None) or exc}"[:KEPT])


def _exchange(address: Address, place: str, body: bytes, headers: dict[str, str]) -> Answer:
    stream = socket.create_connection((place, address.port), timeout=WAIT)
    if address.secure:
        context = ssl.create_default_context()
        stream = context.wrap_socket(stream, server_hostname=address.host, do_handshake_on_connect=False)
    # A wait is limited for each packet; who sends a byte now and then is cut off by the clock.
    end = threading.Timer(WHOLE, _cut, [stream])
    end.daemon = True
    end.start()
    try:
        if isinstance(stream, ssl.SSLSocket):
            stream.do_handshake()
        connection = http.client.HTTPConnection(address.host, address.port)
        connection.default_port = 443 if address.secure else 80
        connection.sock = stream
        connection.request("POST", address.target, body, headers)
        response = connection.getresponse()
        text = response.read1(KEPT).decode("utf-8", "replace").replace("\0", "")
        return Answer(response.status, text)
    finally:
        end.cancel()
        stream.close()


def _cut(stream: socket.socket) -> None:
    try:
        socket.socket.shutdown(stream, socket.SHUT_RDWR)
    except OSError:
        # It has ended by itself.
        return
