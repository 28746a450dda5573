"""Scores of one answer, and of many, that need no model. They share no code with the product's own check."""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Sequence
from math import log2

from scipy.stats import rankdata

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_SEPARATOR = re.compile(r"(?<=\d),(?=\d{3}\b)")
_SMALL = {
    w: str(i)
    for i, w in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen".split()
    )
}
_MONTHS = "january february march april may june july august september october november december".split()
_DAY_FIRST = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)? (?:of )?({'|'.join(_MONTHS)})\b")
_KEPT = set("%$€£.")


def normalise(text: str) -> str:
    """Text as answers are compared: lower case, no articles, accents or punctuation, plain quotes, "1,000" as "1000",
    small number words as digits, dates with the month first. SQuAD's normalisation (Rajpurkar et al., 2016, the
    official evaluation script), with numbers and dates added."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    plain = _SEPARATOR.sub("", plain)
    plain = "".join(c if c.isalnum() or c in _KEPT else " " for c in plain.replace("'", "")).replace(". ", " ")
    plain = _ARTICLES.sub(" ", plain.strip(string.whitespace + "."))
    plain = " ".join(_SMALL.get(word, word) for word in plain.split())
    return _DAY_FIRST.sub(r"\2 \1", plain)


def exact_match(answer: str, gold: Sequence[str]) -> float:
    """1 where the normalised answer equals a gold answer, else 0."""
    return float(any(normalise(answer) == normalise(g) for g in gold))


def token_f1(answer: str, gold: Sequence[str]) -> float:
    """The best harmonic mean of token precision and recall against a gold answer, 0..1 (SQuAD)."""
    return max((_f1(normalise(answer).split(), normalise(g).split()) for g in gold), default=0.0)


def contained(answer: str, gold: Sequence[str]) -> float:
    """1 where a gold answer stands in the answer as whole words, both normalised. Always read it beside
    `length_in_words`: a long quotation contains much."""
    padded = f" {normalise(answer)} "
    return float(any(g and f" {g} " in padded for g in map(normalise, gold)))


def length_in_words(answer: str) -> int:
    """The words of an answer."""
    return len(answer.split())


def _f1(answer: list[str], gold: list[str]) -> float:
    common = sum((Counter(answer) & Counter(gold)).values())
    if not common:
        return 0.0
    precision, recall = common / len(answer), common / len(gold)
    return 2 * precision * recall / (precision + recall)


def reciprocal_rank(relevant: Sequence[bool]) -> float:
    """1 over the rank of the first relevant item; 0 where none is."""
    return next((1 / rank for rank, hit in enumerate(relevant, 1) if hit), 0.0)


def ndcg(relevant: Sequence[bool], total: int, k: int) -> float:
    """Normalised discounted cumulative gain at k with binary gains (Järvelin and Kekäläinen, 2002). ``total`` relevant
    items exist; 0 where there is none."""
    gain = sum(1 / log2(rank + 1) for rank, hit in enumerate(relevant[:k], 1) if hit)
    best = sum(1 / log2(rank + 1) for rank in range(1, min(total, k) + 1))
    return gain / best if best else 0.0


def recall_at(relevant: Sequence[bool], total: int, k: int) -> float:
    """The share of the ``total`` relevant items that stand in the first k; 0 where there is none."""
    return sum(relevant[:k]) / total if total else 0.0


def crag(right: bool, silent: bool) -> int:
    """+1 for a right answer, 0 for silence, -1 for a wrong one (Yang et al., "CRAG", NeurIPS 2024)."""
    return 0 if silent else (1 if right else -1)


def auroc(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """The probability that a positive scores above a negative, ties counting half; 0.5 where a class is empty."""
    positive = [s for s, label in zip(scores, labels, strict=True) if label]
    negative = [s for s, label in zip(scores, labels, strict=True) if not label]
    if not positive or not negative:
        return 0.5
    rank_sum = rankdata([*positive, *negative])[: len(positive)].sum()
    return float((rank_sum - len(positive) * (len(positive) + 1) / 2) / (len(positive) * len(negative)))


def calibration_error(confidences: Sequence[float], right: Sequence[bool], bins: int = 10) -> float:
    """Expected calibration error with equally wide bins (Naeini et al., AAAI 2015), 0..1; 0 for no cases."""
    if not confidences:
        return 0.0
    grouped: dict[int, list[tuple[float, bool]]] = {}
    for confidence, ok in zip(confidences, right, strict=True):
        grouped.setdefault(min(int(confidence * bins), bins - 1), []).append((confidence, ok))
    gaps = (abs(sum(c for c, _ in group) - sum(ok for _, ok in group)) for group in grouped.values())
    return sum(gaps) / len(confidences)


def risk_coverage(confidences: Sequence[float], right: Sequence[bool]) -> tuple[list[tuple[float, float]], float]:
    """(coverage, risk) when only the most confident share is answered, and the area under that curve (lower is better;
    Geifman and El-Yaniv, 2017)."""
    order = sorted(range(len(right)), key=lambda i: (-confidences[i], i))
    wrong = 0
    curve = []
    for taken, index in enumerate(order, 1):
        wrong += not right[index]
        curve.append((taken / len(right), wrong / taken))
    return curve, sum(risk for _, risk in curve) / len(curve) if curve else 0.0
