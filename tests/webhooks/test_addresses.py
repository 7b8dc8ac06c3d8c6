"""Where messages may not go, whatever the address looks like and whatever its name leads to."""

import socket
import threading
from contextlib import contextmanager

import pytest

from cluster_portal.webhooks import addresses, sending
from cluster_portal.webhooks.errors import AddressRefused

CLOSED = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1",
    "255.255.255.255", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:a00:1]", "[::ffff:169.254.169.254]",
    "[64:ff9b::7f00:1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::a00:1]", "[2002:7f00:1::]", "[2002:a00:1::1]",
    "[2001:0:4136:e378:8000:63bf:3fff:fdd2]", "[fe80::1]", "[fe80::1%25eth0]", "[fc00::1]", "[fd00:ec2::254]",
    "[fec0::1]", "[ff02::1]", "[2001:db8::1]", "[::127.0.0.1]",
    "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "017700000001", "3232235521", "0", "1.2.3.4.5",
    "①②⑦.0.0.1", "127.0.0.1.", "%31%32%37.0.0.1",
]  # fmt: skip
STRANGE = [
    "http://receiver.example/", "ftp://receiver.example/", "file:///etc/passwd", "gopher://receiver.example/",
    "https://", "https:///path", "https://user:word@receiver.example/", "https://receiver.example@127.0.0.1/",
    "https://receiver.example/#part", "https://receiver.example\\@10.0.0.1/", "https://receiver.example:99999/",
    "https://receiver.example/a b", "https://receiver.example/\r\nHost: x", "https://[::1/", "//receiver.example/", "",
]  # fmt: skip
OPEN = ["8.8.8.8", "[2001:4860:4860::8888]", "receiver.example", "клиника.рф", "a-1.receiver.example:8443"]


def leads_to(monkeypatch, *places):
    """Every name leads to these addresses."""
    found = [
        (socket.AF_INET6 if ":" in place else socket.AF_INET, socket.SOCK_STREAM, 6, "", (place, 443))
        for place in places
    ]
    monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda *_args, **_kwargs: found)


@pytest.fixture
def no_connection(monkeypatch):
    def refuse(place, timeout):
        raise AssertionError(f"a connection to {place}")

    monkeypatch.setattr(sending.socket, "create_connection", refuse)


@pytest.mark.parametrize("host", CLOSED)
def test_closed_addresses_are_refused_as_they_are_written(host, no_connection) -> None:
    url = f"https://{host}/hooks"
    answer = sending.post(url, b"{}", {})
    assert not answer.taken and answer.status is None
    # What is written as an address is refused before anything is looked up.
    if host.startswith("[") or host.replace(".", "").isdigit():
        with pytest.raises(AddressRefused):
            addresses.parse(url)


@pytest.mark.parametrize("host", [host for host in CLOSED if host[0] == "[" or host.count(".") == 3])
def test_names_that_lead_to_closed_addresses_are_refused(host, monkeypatch, no_connection) -> None:
    place = host.strip("[]").replace("%25", "%")
    try:
        addresses.ip_address(place)
    except ValueError:
        pytest.skip("no address of a machine")
    for places in ([place], ["8.8.8.8", place], [place, "8.8.8.8"]):
        leads_to(monkeypatch, *places)
        assert "private" in sending.post("https://receiver.example/", b"{}", {}).text


@pytest.mark.parametrize("url", STRANGE)
def test_strange_addresses_are_refused(url, no_connection) -> None:
    with pytest.raises(AddressRefused):
        addresses.parse(url)
    assert not sending.post(url, b"{}", {}).taken


@pytest.mark.parametrize("host", OPEN)
def test_public_addresses_are_open(host) -> None:
    assert addresses.parse(f"https://{host}").target == "/"


def test_the_name_is_asked_for_once_and_the_connection_goes_to_what_was_judged(monkeypatch) -> None:
    asked, connected = [], []

    def look_up(*args, **_kwargs):
        asked.append(args)
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8" if len(asked) == 1 else "10.0.0.1", 443))
        ]

    def connect(place, timeout):
        connected.append(place)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(addresses.socket, "getaddrinfo", look_up)
    monkeypatch.setattr(sending.socket, "create_connection", connect)
    answer = sending.post("https://receiver.example/", b"{}", {})
    assert connected == [("8.8.8.8", 443)] and len(asked) == 1
    assert answer == sending.Answer(None, "ConnectionRefusedError: Connection refused")


@contextmanager
def listener(answer: bytes, *, hang: bool = False):
    """A program on this machine that answers every request with these bytes."""
    got: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def serve() -> None:
        while True:
            try:
                stream, _from = server.accept()
            except OSError:
                return
            with stream:
                got.append(stream.recv(65536))
                stream.sendall(answer)
                if hang:
                    done.wait(10)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/hooks?a=1", got
    finally:
        done.set()
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(5)


def test_private_networks_are_open_where_the_settings_say_so(settings) -> None:
    settings.WEBHOOK_PRIVATE_NETWORKS = True
    with listener(b"HTTP/1.1 202 Accepted\r\nContent-Length: 5\r\n\r\nhello") as (url, got):
        assert sending.post(url, b'{"a":1}', {"webhook-id": "msg_1"}) == sending.Answer(202, "hello")
    [request] = got
    head = request.split(b"\r\n\r\n")[0]
    assert head.startswith(b"POST /hooks?a=1 HTTP/1.1\r\n") and b"webhook-id: msg_1" in head


def test_redirects_are_not_followed(settings) -> None:
    settings.WEBHOOK_PRIVATE_NETWORKS = True
    with listener(b"HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n") as (url, got):
        answer = sending.post(url, b"{}", {})
    assert answer.status == 302 and not answer.taken
    assert len(got) == 1


@pytest.mark.parametrize("part", [b"", b"HTTP/1.1"])
def test_who_keeps_us_waiting_is_cut_off(part, settings, monkeypatch) -> None:
    settings.WEBHOOK_PRIVATE_NETWORKS = True
    monkeypatch.setattr(sending, "WHOLE", 0.2)
    with listener(part, hang=True) as (url, _got):
        assert sending.post(url, b"{}", {}).status is None


def test_what_is_no_http_is_an_answer_too(settings) -> None:
    settings.WEBHOOK_PRIVATE_NETWORKS = True
    with listener(b"SSH-2.0-OpenSSH\r\n") as (url, _got):
        assert sending.post(url, b"{}", {}).status is None
