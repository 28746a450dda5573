"""Train the sentence ranker: a cross-encoder on the backbone of the built-in MiniLM.

    python -m evals.training.train POOLS.jsonl OUT [--epochs 2] [--sets own,xquad,…] [--start FOLDER]

Reads (question; sentence; title; the sentence before) and scores how well the sentence answers. Listwise
cross-entropy over one answering sentence and seven others of the question's pool: the hardest by shared words,
neighbours in the same article, and random ones. Resumes from OUT/checkpoint.pt. With ``--start`` it goes on from
weights trained before, in place of the backbone: general questions first, news last.

All eight are of the question's own set. Else the sets can be told apart by their looks, and the model learns that what
looks like a set without questions never answers: with dates to be read, which only the sample articles have, it scored
every one of their sentences alike (evals/LOG.md, 2026-11-24).
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer

from assistant.ask.ranking import sentence_in_context
from assistant.models.embeddings import builtin_folder
from assistant.text.words import content_stems

Form = dict[str, Any]
"""A JSON object of the pools: a question, or one of its sentences."""
SEED = 13
LIST = 8
"""Sentences a question: seven negatives, as in the feasibility run of DESIGN."""
QUESTIONS_A_STEP = 8
READ_TOGETHER = 16
"""Sentences in one forward pass."""
BINARY = 0.5
"""Weight of the binary cross-entropy beside the listwise one, not tuned."""
MAX_TOKENS = 160
"""Word pieces of question, title and sentence with neighbours; longer neighbours are cut, the sentence never."""
LEARNING_RATE = 5e-5
"""Usual for fine-tuning small BERTs (Devlin et al., 2019, give 2e-5 to 5e-5); the smaller the model the higher."""


def read_pools(path: Path, sets: Sequence[str]) -> list[Form]:
    """The questions of the pools whose set is among those named (all where none is), with at least one negative."""
    forms = (json.loads(line) for line in path.open(encoding="utf-8"))
    return [form for form in forms if (not sets or form["set"] in sets) and len(chosen(form, random.Random(0))) > 1]


def chosen(form: Form, chance: random.Random) -> list[Form]:
    """One answering sentence, then seven others: three of the six that share most words with the question, two of the
    same article, the rest by chance."""
    asked = set(content_stems(form["question"]))
    answers = [s for s in form["sentences"] if s["answers"]]
    others = [s for s in form["sentences"] if not s["answers"] and s["set"] == form["set"]]
    others = list({s["text"]: s for s in others if s["text"] not in {a["text"] for a in answers}}.values())
    hard = sorted(others, key=lambda s: -len(asked & set(content_stems(s["text"]))))[:6]
    picked = chance.sample(hard, min(3, len(hard)))
    own = [s for s in others if s["own"] and s not in picked]
    picked += chance.sample(own, min(2, len(own)))
    rest = [s for s in others if s not in picked]
    picked += chance.sample(rest, min(LIST - 1 - len(picked), len(rest)))
    return [chance.choice(answers), *picked]


def batches(forms: Sequence[Form], epoch: int) -> Iterator[list[list[Form]]]:
    """The questions in an order of chance, in steps; each question as its list of sentences."""
    chance = random.Random(SEED + epoch)
    order = list(forms)
    chance.shuffle(order)
    for start in range(0, len(order), QUESTIONS_A_STEP):
        step = order[start : start + QUESTIONS_A_STEP]
        yield [[{**s, "question": form["question"]} for s in chosen(form, chance)] for form in step]


def new_model(start: Path | None = None) -> Any:
    """A sequence classifier with one output, in float32: of weights trained before, else on the encoder of the built-in
    MiniLM."""
    torch.manual_seed(SEED)
    folder = start or builtin_folder()
    config = AutoConfig.from_pretrained(folder, num_labels=1)
    return AutoModelForSequenceClassification.from_pretrained(folder, config=config, dtype=torch.float32)


def scores_of(model: Any, tokenizer: Any, flat: Sequence[Form]) -> torch.Tensor:
    """The scores of sentences, in their order. Those of like length are read together, so that little is padding, and
    in bfloat16 where a matrix is multiplied."""
    pairs = [(s["question"], sentence_in_context(s["text"], s["title"], s["before"])) for s in flat]
    encoded = tokenizer(pairs, truncation="only_second", max_length=MAX_TOKENS)
    order = sorted(range(len(pairs)), key=lambda i: len(encoded["input_ids"][i]))
    scores = []
    with torch.autocast("cpu", dtype=torch.bfloat16):
        for start in range(0, len(order), READ_TOGETHER):
            part = {name: [values[i] for i in order[start : start + READ_TOGETHER]] for name, values in encoded.items()}
            scores.append(model(**tokenizer.pad(part, return_tensors="pt")).logits[:, 0].float())
    return torch.cat(scores)[torch.argsort(torch.tensor(order))]


def loss_of(model: Any, tokenizer: Any, step: list[list[Form]]) -> torch.Tensor:
    """Listwise cross-entropy, the first sentence of each list being the answer, and a share of the binary one, which
    makes scores of different questions comparable: the confidence is built on them."""
    scores = scores_of(model, tokenizer, [s for sentences in step for s in sentences])
    lists = torch.split(scores, [len(sentences) for sentences in step])
    listwise = torch.stack([-torch.log_softmax(one, 0)[0] for one in lists]).mean()
    wanted = torch.cat([torch.eye(1, len(one))[0] for one in lists])
    binary = torch.nn.functional.binary_cross_entropy_with_logits(scores, wanted)
    return listwise + BINARY * binary


def train(forms: list[Form], out: Path, epochs: int, start: Path | None = None) -> None:
    out.mkdir(parents=True, exist_ok=True)
    tokenizer = AutoTokenizer.from_pretrained(builtin_folder())
    model = new_model(start).train()
    steps = epochs * -(-len(forms) // QUESTIONS_A_STEP)
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=0.01)
    warm = max(1, steps // 10)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: min((s + 1) / warm, max(0.0, (steps - s) / max(1, steps - warm)))
    )
    checkpoint = out / "checkpoint.pt"
    done = 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        schedule.load_state_dict(state["schedule"])
        done = state["done"]
    started, total, number = time.monotonic(), 0.0, 0
    for epoch in range(epochs):
        for step in batches(forms, epoch):
            number += 1
            if number <= done:
                continue
            torch.manual_seed(SEED + number)
            loss = loss_of(model, tokenizer, step)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            total += float(loss.detach())
            if number % 50 == 0:
                rate = (number - done) / (time.monotonic() - started)
                left = (steps - number) / rate / 60
                print(f"step {number}/{steps} loss {total / 50:.3f} {left:.0f} min left", flush=True)
                total = 0.0
            if number % 100 == 0:
                state = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
                torch.save({**state, "schedule": schedule.state_dict(), "done": number}, checkpoint)
    model.eval().half().save_pretrained(out)
    tokenizer.save_pretrained(out)
    checkpoint.unlink(missing_ok=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pools", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--sets", default="", help="comma-separated; all by default")
    parser.add_argument("--start", type=Path, help="a folder with weights that this training goes on from")
    arguments = parser.parse_args()
    forms = read_pools(arguments.pools, [s for s in arguments.sets.split(",") if s])
    print(f"{len(forms)} questions, {sum(len(f['sentences']) for f in forms)} sentences", flush=True)
    train(forms, arguments.out, arguments.epochs, arguments.start)


if __name__ == "__main__":
    main()
