"""A language model of a few kilobytes: its weights are random and it writes nonsense, but it runs like any other."""

from __future__ import annotations

from pathlib import Path

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
WORDS = "the a city council mayor said on Tuesday that bridge would open rain school cup final and of in".split()


def save_tiny_model(folder: Path, chat_template: str | None = CHATML, context: int = 4096) -> Path:
    """Save a transformers folder with a two-layer Llama that never ends by itself; returns the folder."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast, set_seed

    special = ["<unk>", "<|im_start|>", "<|im_end|>"]
    tokenizer = Tokenizer(WordLevel({word: i for i, word in enumerate(special + WORDS)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = Whitespace()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="<unk>",
        eos_token="<|im_end|>",
        additional_special_tokens=["<|im_start|>"],
    )
    fast.chat_template = chat_template
    fast.save_pretrained(folder)
    set_seed(3)
    config = LlamaConfig(
        vocab_size=len(special) + len(WORDS),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=context,
        bos_token_id=None,
        eos_token_id=None,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder
