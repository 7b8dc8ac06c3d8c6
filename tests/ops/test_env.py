"""The readers of the environment."""

from pathlib import Path

import pytest

from cluster_portal import env
from cluster_portal.env import EnvironmentProblem


@pytest.mark.parametrize(("text", "value"), [("1", True), ("Yes", True), ("off", False), ("0", False)])
def test_switches(monkeypatch: pytest.MonkeyPatch, text: str, value: bool) -> None:
    monkeypatch.setenv("X", text)
    assert env.bool("X") is value


def test_an_empty_variable_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", "  ")
    assert not env.is_set("X")
    assert env.int("X", 7) == 7
    assert env.str("X", "default") == "default"
    assert env.list("X", "a,b") == ["a", "b"]


@pytest.mark.parametrize(("reader", "text"), [(env.bool, "maybe"), (env.int, "ten")])
def test_what_cannot_be_understood_names_the_variable_and_not_the_value(
    monkeypatch: pytest.MonkeyPatch, reader: object, text: str
) -> None:
    monkeypatch.setenv("X", text)
    with pytest.raises(EnvironmentProblem, match="X should be") as told:
        reader("X")
    assert text not in str(told.value)


def test_a_required_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("X", raising=False)
    with pytest.raises(EnvironmentProblem, match=r"X is not set\. Start the portal with \./portal run"):
        env.str("X", env.REQUIRED)


def test_a_secret_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from the file\n")
    monkeypatch.delenv("X", raising=False)
    monkeypatch.setenv("X_FILE", str(tmp_path / "secret"))
    assert env.str("X") == "from the file"
    monkeypatch.setenv("X", "from the variable")
    assert env.str("X") == "from the variable"
    monkeypatch.delenv("X")
    monkeypatch.setenv("X_FILE", str(tmp_path / "nothing"))
    with pytest.raises(EnvironmentProblem, match=r"X_FILE names a file"):
        env.str("X")


def test_lists_drop_blanks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", " a.example , ,b.example,")
    assert env.list("X") == ["a.example", "b.example"]


def test_a_database_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", "postgresql://por%40tal:p%2Fw@db.example:6432/clu%20ster?sslmode=require")
    monkeypatch.setenv("DATABASE_POOLED", "1")
    found = env.database("X")
    assert found["USER"], found["PASSWORD"] == ("por@tal", "p/w")
    assert (found["HOST"], found["PORT"], found["NAME"]) == ("db.example", "6432", "clu ster")
    assert found["OPTIONS"]["sslmode"] == "require"
    assert found["CONN_HEALTH_CHECKS"] and found["CONN_MAX_AGE"] == 600
    assert found["DISABLE_SERVER_SIDE_CURSORS"] is True


@pytest.mark.parametrize("url", ["mysql://a/b", "postgresql://host:port/b", "postgresql://host/", "nonsense"])
def test_a_wrong_database_address_is_told_without_its_password(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("X", url)
    with pytest.raises(EnvironmentProblem, match=r"^X "):
        env.database("X")
