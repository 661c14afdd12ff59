"""Encoders that guess masked words (Devlin et al. 2018; Sanh et al. 2019; Lan et al., ALBERT, 2019; Sun et al.,
MobileBERT, 2020), as they are exported for phones: tokens in, the likeliest word of each position out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from socsim.frontend.example import Example
from socsim.frontend.zoo.registration import BATCH, on_meta, on_meta_zeros, register
from socsim.workload import Symbol

_LENGTHS = (*BATCH, Symbol("seq", 384, 1, 512, "tokens of each input"))


def _bert() -> Any:
    from transformers import BertConfig, BertForMaskedLM

    return BertForMaskedLM(BertConfig())


def _distilbert() -> Any:
    from transformers import DistilBertConfig, DistilBertForMaskedLM

    return DistilBertForMaskedLM(DistilBertConfig())


def _albert() -> Any:
    from transformers import AlbertConfig, AlbertForMaskedLM

    return AlbertForMaskedLM(
        AlbertConfig(hidden_size=768, num_attention_heads=12, intermediate_size=3072, num_hidden_layers=12)
    )


def _mobilebert() -> Any:
    from transformers import MobileBertConfig, MobileBertForMaskedLM

    return MobileBertForMaskedLM(MobileBertConfig())


def _build(make: Callable[[], Any], name: str, layers: int | None = None) -> Example:
    def guesser() -> Any:
        from socsim.frontend.networks.guesser import Guesser

        return Guesser(make())

    tokens = on_meta_zeros(2, 16, dtype="int64")
    shapes = ({0: "batch", 1: "seq"},)
    return Example(on_meta(guesser, name), (tokens,), shapes=shapes, symbols=_LENGTHS, prefix="model")


for _name, _make, _source in (
    ("bert-base-masked-lm", _bert, "config.json of google-bert/bert-base-uncased"),
    ("distilbert-masked-lm", _distilbert, "config.json of distilbert/distilbert-base-uncased"),
    ("albert-base", _albert, "config.json of albert/albert-base-v2"),
    ("mobilebert", _mobilebert, "config.json of google/mobilebert-uncased"),
):
    register(_name, _source)(partial(_build, _make, _name))
