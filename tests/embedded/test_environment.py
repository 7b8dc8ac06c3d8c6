"""``.venv``: when it is filled, and by whom."""

import json
from pathlib import Path

import pytest

from cluster_portal.embedded.venv import UV, Environment, InstallFailed


class Recorded(Environment):
    """An environment that notes the commands instead of running them."""

    def __init__(
        self, base: Path, *, uv: bool = True, working: bool = True, fails: tuple[str, ...] = ()
    ) -> None:
        self.said: list[str] = []
        super().__init__(base, self.said.append)
        self.commands: list[list[str]] = []
        self.has_uv, self.working, self.fails = uv, working, fails
        self.python.parent.mkdir(parents=True, exist_ok=True)
        self.python.write_text("an interpreter")

    def _run(self, command: list[str], *, quiet: bool = False) -> bool:
        self.commands.append(command)
        if "venv" in command:
            self.working = not any(word in " ".join(command) for word in self.fails)
        return not any(word in " ".join(command) for word in self.fails)

    def _uv(self) -> str | None:
        return "/usr/bin/uv" if self.has_uv else None

    def _works(self) -> bool:
        return self.working


@pytest.fixture
def base(tmp_path: Path) -> Path:
    (tmp_path / "requirements.txt").write_text("django==5.2.19\n")
    (tmp_path / "requirements-dev.txt").write_text("pytest==9.2.0\n")
    return tmp_path


def test_it_is_filled_once(base: Path) -> None:
    environment = Recorded(base)
    environment.ensure("requirements.txt")
    environment.ensure("requirements.txt")
    assert len(environment.commands) == 1
    assert environment.commands[0][:4] == ["/usr/bin/uv", "pip", "install", "--quiet"]
    assert {"--require-hashes", "--only-binary"} <= set(environment.commands[0])


def test_the_lists_of_the_tests_come_on_top(base: Path) -> None:
    environment = Recorded(base)
    environment.ensure("requirements.txt")
    environment.ensure("requirements.txt", "requirements-dev.txt")
    environment.ensure("requirements.txt")
    assert len(environment.commands) == 2


def test_a_changed_list_is_installed_again(base: Path) -> None:
    environment = Recorded(base)
    environment.ensure("requirements.txt")
    (base / "requirements.txt").write_text("django==5.2.20\n")
    environment.ensure("requirements.txt")
    assert len(environment.commands) == 2


def test_another_interpreter_is_filled_again(base: Path) -> None:
    environment = Recorded(base)
    environment.ensure("requirements.txt")
    environment.python.write_text("another interpreter")
    environment.ensure("requirements.txt")
    assert len(environment.commands) == 2


def test_a_broken_stamp_is_no_stamp(base: Path) -> None:
    environment = Recorded(base)
    environment.ensure("requirements.txt")
    (environment.path / "portal-installed.json").write_text(json.dumps([]))
    environment.ensure("requirements.txt")
    assert len(environment.commands) == 2


def test_without_uv_pip_does_it(base: Path) -> None:
    environment = Recorded(base, uv=False, working=False)
    environment.ensure("requirements.txt")
    assert environment.commands[0][1:3] == ["-m", "venv"]
    assert environment.commands[1][:4] == [str(environment.python), "-m", "pip", "install"]


def test_without_anything_the_remedy_is_told(base: Path) -> None:
    environment = Recorded(base, uv=False, working=False, fails=("-m venv",))
    with pytest.raises(InstallFailed, match="apt-get install python3-venv"):
        environment.ensure("requirements.txt")


def test_uv_is_pinned_with_hashes() -> None:
    lines = UV.read_text(encoding="utf-8").splitlines()
    assert lines[1].startswith("uv==")
    assert sum("--hash=sha256:" in line for line in lines) > 5


def test_an_install_that_fails_is_told_and_not_remembered(base: Path) -> None:
    environment = Recorded(base, fails=("pip install", "pip",))  # fmt: skip
    with pytest.raises(InstallFailed, match="could not be installed"):
        environment.ensure("requirements.txt")
    with pytest.raises(InstallFailed):
        environment.ensure("requirements.txt")
