"""BERT base (Devlin et al. 2018) and DistilBERT (Sanh et al. 2019): encoders of any length up to 512."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from socsim.frontend.example import Example
from socsim.frontend.zoo.registration import BATCH, on_meta, on_meta_zeros, register
from socsim.workload import Symbol

_LENGTHS = (*BATCH, Symbol("seq", 128, 1, 512, "tokens of each input"))


def _bert() -> Any:
    from transformers import BertConfig, BertModel

    config = BertConfig(
        vocab_size=30522,
        hidden_size=768,
        num_hidden_layers=12,
        num_attention_heads=12,
        intermediate_size=3072,
        max_position_embeddings=512,
    )
    return BertModel(config)


def _distilbert() -> Any:
    from transformers import DistilBertConfig, DistilBertModel

    config = DistilBertConfig(
        vocab_size=30522, dim=768, n_layers=6, n_heads=12, hidden_dim=3072, max_position_embeddings=512
    )
    return DistilBertModel(config)


def _build(make: Callable[[], Any], name: str, layers: int | None = None) -> Example:
    tokens = on_meta_zeros(2, 16, dtype="int64")
    return Example(on_meta(make, name), (tokens,), shapes=({0: "batch", 1: "seq"},), symbols=_LENGTHS)


register("bert-base", "config.json of google-bert/bert-base-uncased")(partial(_build, _bert, "bert-base"))
register("distilbert", "config.json of distilbert/distilbert-base-uncased")(partial(_build, _distilbert, "distilbert"))
