"""The shape of the project: what the light paths import, and what the prompts need."""

import re
import subprocess
import sys

import pytest

from assistant.prompts import load_prompt

HEAVY = {"torch", "transformers", "sentence_transformers", "chromadb", "gradio", "fastapi", "pandas", "trafilatura"}


@pytest.mark.parametrize(
    "module", ["assistant.ask.assistant", "assistant.render", "assistant.records", "assistant.settings"]
)
def test_the_core_imports_nothing_heavy(module: str) -> None:
    program = f"import sys, {module}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert not HEAVY & set(loaded)


@pytest.mark.parametrize(
    ("name", "variables"),
    [("answer", {"fence", "asked_on", "evidence", "question", "sentences"}), ("rewrite", {"conversation", "question"})],
)
def test_a_prompt_renders_with_its_variables_and_leaves_no_other(name: str, variables: set[str]) -> None:
    prompt = load_prompt(name)
    system, user = prompt.render(**{v: f"<{v} $5>" for v in variables})
    assert all(f"<{v} $5>" in system + user for v in variables)
    assert re.fullmatch(rf"{name}@[0-9a-f]{{12}}", prompt.id)
    with pytest.raises(KeyError):
        prompt.render()
