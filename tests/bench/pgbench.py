"""The same statements without the portal: pgbench, with scripts made from what the portal really sends."""

import os
import re
import subprocess
import tempfile
import uuid
from collections.abc import Iterable
from pathlib import Path

from django.db import connection

from cluster_portal.embedded.account import Account
from cluster_portal.embedded.programs import postgres_programs

BASE = Path(__file__).resolve().parents[2]

#: Statements of a booking that write or lock; what the portal only reads before is its own affair.
WRITES = re.compile(
    r"^(WITH made AS \()?(INSERT|UPDATE|DELETE)\b|FOR NO KEY UPDATE|set_config\('portal\.context"
)
UUID = re.compile(r"'([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})'(::uuid)?")


def writing_script(statements: Iterable[str], known: dict[uuid.UUID, str], key: str, pairs: int) -> str:
    """One transaction of pgbench: the pair of this turn, then the portal's own writes with its ids put in.

    ``known`` names the ids that differ from turn to turn, ``key`` is the request's Idempotency-Key. Keys that
    the portal made (they stand first in an INSERT) are made anew by the server.
    """
    lines = [
        "\\set i :i + 1",
        f"\\set n :client_id * {pairs} + :i",
        "SELECT referral, patient, slot FROM bench_pair WHERE n = :n \\gset",
        "BEGIN;",
    ]
    for statement in statements:
        if not WRITES.search(statement):
            continue
        text = re.sub(
            r'(INSERT INTO "\w+" \("id"[^)]*\) VALUES \()\'[0-9a-f-]{36}\'(::uuid)?', r"\1uuidv7()", statement
        )

        def put(match: re.Match[str]) -> str:
            name = known.get(uuid.UUID(match.group(1)))
            return f"CAST(:{name} AS uuid)" if name else match.group(0)

        text = UUID.sub(put, text).replace(f"'{key}'", "gen_random_uuid()::text")
        for known_id, name in known.items():
            # Inside a JSON text of the outbox or the story.
            text = text.replace(str(known_id), name)
        lines.append(" ".join(text.split()) + ";")
    lines.append("COMMIT;")
    return "\n".join(lines) + "\n"


def reading_script(statements: Iterable[str]) -> str:
    """The statements of a page, as they are."""
    return "".join(" ".join(statement.split()) + ";\n" for statement in statements)


def run(script: str, clients: int, *, seconds: float | None = None, turns: int | None = None) -> float:
    """Transactions per second of ``script``, for ``seconds`` or ``turns`` a client."""
    own = Account("me", os.geteuid(), os.getegid())
    program = postgres_programs(BASE / ".venv", own) / "pgbench"
    settings = connection.settings_dict
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        length = ["-t", str(turns)] if turns else ["-T", str(int(seconds or 1))]
        done = subprocess.run(
            [program, "-n", "-M", "prepared", "-j", "2", "-c", str(clients), "-D", "i=0", *length, "-f", file.name,
             "-h", settings["HOST"], "-p", str(settings["PORT"]), "-U", settings["USER"], settings["NAME"]],
            env={**os.environ, "PGPASSWORD": settings["PASSWORD"]}, capture_output=True, text=True, check=False,
        )  # fmt: skip
    found = re.search(r"^tps = ([\d.]+)", done.stdout, flags=re.MULTILINE)
    if done.returncode != 0 or not found:
        raise RuntimeError(f"pgbench failed:\n{done.stdout[-1000:]}\n{done.stderr[-2000:]}\n{script[:4000]}")
    return float(found.group(1))
