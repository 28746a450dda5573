"""Make trained weights small enough to ship: what the ranker never reads is cut off, the rest stays as it is.

    python -m evals.training.compact TRAINED OUT

Cut are the vocabulary's 994 ``[unused…]`` entries and the positions beyond `MAX_TOKENS`; numbers are in half precision.
Writes a folder that sentence-transformers' `CrossEncoder` loads. Scores stay the same to half precision's rounding.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from transformers import AutoModelForSequenceClassification, AutoTokenizer, PreTrainedTokenizerFast

from assistant.models.ranker import MAX_TOKENS


def kept_tokens(vocabulary: dict[str, int]) -> list[str]:
    """The tokens that texts can be made of, in the order of their ids."""
    return [t for t in sorted(vocabulary, key=vocabulary.__getitem__) if not t.startswith("[unused")]


def smaller_tokenizer(tokenizer: Any) -> PreTrainedTokenizerFast:
    """The tokenizer with the kept tokens only, numbered from 0."""
    form = json.loads(tokenizer.backend_tokenizer.to_str())
    numbers = {token: i for i, token in enumerate(kept_tokens(form["model"]["vocab"]))}
    form["model"]["vocab"] = numbers
    for added in form["added_tokens"]:
        added["id"] = numbers[added["content"]]
    for name, special in form["post_processor"]["special_tokens"].items():
        special["ids"] = [numbers[name]]
    form["truncation"] = form["padding"] = None
    special_tokens = {name: str(token) for name, token in tokenizer.special_tokens_map.items()}
    return PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(json.dumps(form)),
        model_max_length=MAX_TOKENS,
        model_input_names=tokenizer.model_input_names,  # with token types: which words are the question's
        **special_tokens,
    )


def shrink(model: Any, vocabulary: dict[str, int], small: PreTrainedTokenizerFast) -> None:
    """Cut the model's embeddings to the kept tokens and positions, in place."""
    embeddings = model.bert.embeddings
    rows = torch.tensor([vocabulary[token] for token in kept_tokens(vocabulary)])
    for name, kept in (("word_embeddings", rows), ("position_embeddings", torch.arange(MAX_TOKENS))):
        weight = getattr(embeddings, name).weight.detach()[kept]
        setattr(embeddings, name, torch.nn.Embedding(weight.shape[0], weight.shape[1], _weight=weight))
    model.config.update(
        {"vocab_size": len(rows), "max_position_embeddings": MAX_TOKENS, "pad_token_id": small.pad_token_id}
    )


def compact(trained: Path, out: Path) -> None:
    """Write the smaller model to ``out``."""
    tokenizer = AutoTokenizer.from_pretrained(trained)
    model = AutoModelForSequenceClassification.from_pretrained(trained, dtype=torch.float32)
    small = smaller_tokenizer(tokenizer)
    shrink(model, tokenizer.get_vocab(), small)
    model.half().save_pretrained(out)
    small.save_pretrained(out)
    config = out / "tokenizer_config.json"  # transformers 5 writes a class that 4 does not know; both know the other
    config.write_text(config.read_text().replace('"TokenizersBackend"', '"PreTrainedTokenizerFast"'))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trained", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    compact(arguments.trained, arguments.out)
    print(f"{sum(file.stat().st_size for file in arguments.out.iterdir()) / 1e6:.1f} MB in {arguments.out}")


if __name__ == "__main__":
    main()
