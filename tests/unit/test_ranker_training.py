"""What the ranker is trained on."""

from __future__ import annotations

import random

from assistant.ask.ranking import sentence_in_context
from evals.training.train import batches, chosen, read_pools


def sentence(text: str, answers: bool = False, own: bool = False, set: str = "own") -> dict[str, object]:
    return {"text": text, "title": "A title", "before": "", "set": set, "answers": answers, "own": own}


FORM = {
    "set": "own",
    "question": "Who opened the bridge over the river?",
    "sentences": [
        sentence("The mayor opened the bridge over the river.", answers=True, own=True),
        *[sentence(f"The bridge has {n} lamps.", own=True) for n in range(6)],
        *[sentence(f"A river runs past house {n}.") for n in range(12)],
        *[sentence(f"The bridge over the river, as set {n} has it.", set="sample") for n in range(12)],
    ],
}


def test_the_answer_comes_first_and_seven_different_sentences_of_its_own_set_follow():
    for seed in range(50):
        picked = chosen(FORM, random.Random(seed))
        assert picked[0]["answers"]
        assert not any(one["answers"] for one in picked[1:])
        assert len({one["text"] for one in picked}) == 8
        assert {one["set"] for one in picked} == {"own"}, "else the looks of a set give the answer away"
        assert sum(one["own"] for one in picked[1:]) >= 2, "neighbours of the answer are the hardest"


def test_an_order_of_chance_that_is_the_same_each_time():
    forms = [{**FORM, "question": f"Question {n}?"} for n in range(20)]
    first, again, other = (
        [one[0]["question"] for step in batches(forms, epoch) for one in step] for epoch in (0, 0, 1)
    )
    assert first == again != other
    assert sorted(first) == sorted(form["question"] for form in forms)


def test_the_sentence_survives_whatever_is_cut():
    assert sentence_in_context("It opened.", "A title", "x" * 1000).startswith("It opened. | A title | xxx")
    assert len(sentence_in_context("It opened.", "A title", "x" * 1000)) < 200


def test_questions_without_a_negative_of_their_set_are_left_out(tmp_path):
    import json

    alone = {**FORM, "sentences": [FORM["sentences"][0], sentence("Elsewhere.", set="sample")]}
    path = tmp_path / "pools.jsonl"
    path.write_text("".join(json.dumps(form) + "\n" for form in (FORM, alone, {**FORM, "set": "xquad"})))
    assert [form["set"] for form in read_pools(path, ["own"])] == ["own"]
