"""The wheel alone: built, installed into an environment of its own, used from an empty folder."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_demo_works_from_an_installed_wheel_in_an_empty_folder(tmp_path: Path) -> None:
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(tmp_path / "dist"),
        str(ROOT),
    ]
    subprocess.run(build, check=True, timeout=280)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    empty = tmp_path / "empty"
    empty.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(installed), "ASSISTANT_HOME": str(tmp_path / "home")}
    program = "import assistant; print(assistant.__file__); from assistant.entrypoints.cli import main; main()"
    command = [sys.executable, "-c", program, "demo"]
    done = subprocess.run(command, cwd=empty, env=environment, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr
    assert str(installed) in done.stdout.splitlines()[0]
    assert done.stdout.count("[1] ") >= 6
    assert list(empty.iterdir()) == []
