"""How torch computes on this processor: threads and number formats. Imports torch only when called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache


@contextmanager
def intra_op_threads(count: int | None = None) -> Iterator[None]:
    """Let torch compute with ``count`` threads (None: as many as torch chose at its start) in the calling thread only.

    ``torch.set_num_threads`` acts on the calling thread, because OpenMP keeps the number for each thread; beside that
    it sets what a thread begins with that has not computed yet (ATen/ParallelOpenMP.cpp, and measured with torch 2.13:
    a second thread set to 1 leaves the first at 2, a fresh third begins with 1). So no lock is needed, and questions
    compute with one thread while ingestion uses all, as long as every path says what it wants: all of ours do.
    A change costs about 3 µs.
    """
    import torch

    everything = _threads_at_start()
    before = torch.get_num_threads()
    torch.set_num_threads(count or everything)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@cache
def _threads_at_start() -> int:
    import torch

    return int(torch.get_num_threads())


@cache
def native_bfloat16() -> bool:
    """Whether bfloat16 is known to pay here: a CUDA device or an x86 processor that has instructions for it.

    Elsewhere it is emulated or unmeasured, and float32 is right everywhere.
    """
    import torch

    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    # Older versions of torch cannot say.
    capabilities: Mapping[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))
