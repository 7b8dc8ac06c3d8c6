"""No name and no identifier reaches a log, whatever is handed to a logger."""

import io
import json
import logging
import logging.config
from collections.abc import Iterator

import pytest

from cluster_portal.common.context import RequestInfo, set_request_info
from cluster_portal.ops.logging import configuration

CANARY = "Канарейкин"
SNILS = "112-233-445 95"


@pytest.fixture
def lines() -> Iterator[list[dict[str, object]]]:
    """What a logger of ours writes, parsed."""
    settings = configuration("DEBUG")
    formatter = settings["formatters"]["json"]
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(formatter["()"](**{key: value for key, value in formatter.items() if key != "()"}))
    logger = logging.getLogger("canary")
    logger.addHandler(handler)
    logger.setLevel("DEBUG")
    logger.propagate = False

    class Lines(list):
        def __iter__(self) -> Iterator[dict[str, object]]:
            return iter([json.loads(line) for line in handler.stream.getvalue().splitlines()])

        @property
        def text(self) -> str:
            return handler.stream.getvalue()

    yield Lines()
    logger.removeHandler(handler)


def test_a_line_is_json_with_its_request(lines: list[dict[str, object]]) -> None:
    set_request_info(RequestInfo(request_id="abcdef12"))
    logging.getLogger("canary").info("booked", extra={"status": 200, "duration_ms": 12.5})
    set_request_info(RequestInfo())
    (line,) = lines
    assert line["event"] == "booked" and line["request_id"] == "abcdef12"
    assert (line["status"], line["duration_ms"], line["level"]) == (200, 12.5, "info")
    assert line["timestamp"].endswith("Z")


def test_arguments_stay_out(lines: list[dict[str, object]]) -> None:
    logging.getLogger("canary").warning("patient %s was refused", CANARY)
    assert [line["event"] for line in lines] == ["patient %s was refused"]
    assert CANARY not in lines.text


def test_unknown_keys_stay_out(lines: list[dict[str, object]]) -> None:
    logging.getLogger("canary").warning(
        "seen", extra={"patient": CANARY, "snils": SNILS, "code": "SlotTaken"}
    )
    (line,) = lines
    assert line["code"] == "SlotTaken"
    assert CANARY not in lines.text and SNILS not in lines.text


def test_of_an_exception_the_place_is_kept_and_the_text_is_not(lines: list[dict[str, object]]) -> None:
    try:
        raise ValueError(f"Key (snils)=({SNILS}) of {CANARY}")
    except ValueError:
        logging.getLogger("canary").exception("failed")
    (line,) = lines
    assert line["error"] == "ValueError"
    assert line["places"][-1].startswith("test_logging.py:")
    assert CANARY not in lines.text and SNILS not in lines.text
