"""The environment of the process: the only module that reads ``os.environ``.

Every reader takes the name of a variable and a default. A variable that is set to an empty string counts as
not set, because Compose files and CI write ``NAME=`` for "nothing". Each reader also understands
``NAME_FILE``, the path of a file that holds the value, which is how container platforms hand over secrets.

A value that cannot be understood stops the start with the name of the variable and what was expected of it;
the value itself is not repeated, as it may be a secret.
"""

import builtins
import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off"})

#: Marks "no default": the variable has to be set.
REQUIRED: Any = object()


class EnvironmentProblem(Exception):
    """A variable is missing or cannot be understood; the text says which, and what it should be."""


def _raw(name: builtins.str) -> builtins.str | None:
    """The text of a variable, from itself or from the file that ``NAME_FILE`` names; None when not set."""
    value = os.environ.get(name, "").strip()
    if value:
        return value
    path = os.environ.get(f"{name}_FILE", "").strip()
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip() or None
        except OSError as error:
            raise EnvironmentProblem(f"{name}_FILE names a file that cannot be read: {error}") from None
    return None


def _default(name: builtins.str, default: Any) -> Any:
    if default is REQUIRED:
        raise EnvironmentProblem(
            f"{name} is not set. Start the portal with ./portal run, a command with ./portal manage, "
            "or see the configuration table in README.md."
        )
    return default


def for_child(changes: dict[builtins.str, builtins.str]) -> dict[builtins.str, builtins.str]:
    """Our environment with ``changes`` for a program of the portal, without traces of another Python's."""
    kept = dict(os.environ)
    for name in ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__"):
        kept.pop(name, None)
    return kept | changes


def is_set(name: builtins.str) -> builtins.bool:
    """Whether the variable (or its ``_FILE`` twin) holds something."""
    return _raw(name) is not None


def str(name: builtins.str, default: Any = "") -> Any:
    """The text of a variable."""
    value = _raw(name)
    return _default(name, default) if value is None else value


def bool(name: builtins.str, default: Any = False) -> Any:
    """A switch: 1/true/yes/on or 0/false/no/off, in any case."""
    value = _raw(name)
    if value is None:
        return _default(name, default)
    if value.lower() in TRUE:
        return True
    if value.lower() in FALSE:
        return False
    raise EnvironmentProblem(f"{name} should be 1 or 0 (true/false, yes/no, on/off).")


def int(name: builtins.str, default: Any = 0) -> Any:
    """A whole number."""
    value = _raw(name)
    if value is None:
        return _default(name, default)
    try:
        return builtins.int(value)
    except ValueError:
        raise EnvironmentProblem(f"{name} should be a whole number.") from None


def list(name: builtins.str, default: Any = ()) -> Any:
    """A list written with commas; blanks around the members and empty members are dropped."""
    value = _raw(name)
    if value is None:
        value = _default(name, default)
        if not isinstance(value, builtins.str):
            return [*value]
    return [member.strip() for member in value.split(",") if member.strip()]


def path(name: builtins.str, default: Any = None) -> Any:
    """A path of the file system, with ``~`` resolved."""
    value = _raw(name)
    if value is None:
        value = _default(name, default)
    return Path(value).expanduser() if value is not None else None


def database(name: builtins.str = "DATABASE_URL", default: Any = REQUIRED) -> dict[builtins.str, Any]:
    """One entry of Django's ``DATABASES`` from a URL ``postgresql://user:password@host:port/name?sslmode=…``.

    Connections are kept for ``DATABASE_CONN_MAX_AGE`` seconds (600; a connection per request costs a factor
    of four) and tested before they serve a request, so a restarted server is noticed by nobody. With
    ``DATABASE_POOLED=1`` (PgBouncer in transaction mode in between) server-side cursors are switched off.
    Parameters after ``?`` go to libpq unchanged.
    """
    return database_of(str(name, default), name)


def database_of(url: builtins.str, name: builtins.str = "The address") -> dict[builtins.str, Any]:
    """The same for an address in hand; ``name`` is what a message calls it."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"} or not parts.path.strip("/"):
        raise EnvironmentProblem(f"{name} should look like postgresql://user:password@host:5432/name.")
    try:
        port = parts.port
    except ValueError:
        raise EnvironmentProblem(f"{name} names a port that is not a number.") from None
    options: dict[builtins.str, Any] = dict(parse_qsl(parts.query))
    # A server that cannot be reached must not hold a request for the two minutes that TCP would wait.
    options.setdefault("connect_timeout", "3")
    options.setdefault("application_name", "cluster-portal")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": builtins.str(port or ""),
        "OPTIONS": options,
        "CONN_MAX_AGE": int("DATABASE_CONN_MAX_AGE", 600),
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": bool("DATABASE_POOLED", False),
    }
