"""Whisper (Radford et al. 2022) in its sizes, each in three parts.

`-encoder`: 30 s of audio (3000 frames) to 1500 positions. `-cross-cache`: their keys and values for every decoder
layer, once for each 30 s. `-decoder`: the language model, whose cross-attention reads those keys and values as state.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from socsim.frontend.example import Example
from socsim.frontend.language_model import TRACED_LAYERS, Decoder, extend_example
from socsim.frontend.zoo.registration import BATCH, on_meta, on_meta_zeros, register

_POSITIONS, _CONTEXT, _FRAMES = 1500, 448, 3000
_SIZES: dict[str, tuple[int, int, int, int, int, int]] = {
    # width, encoder layers, decoder layers, heads, mel bands, words
    "tiny": (384, 4, 4, 6, 80, 51865),
    "base": (512, 6, 6, 8, 80, 51865),
    "small": (768, 12, 12, 12, 80, 51865),
    "medium": (1024, 24, 24, 16, 80, 51865),
    "large-v2": (1280, 32, 32, 20, 80, 51865),
    "large-v3": (1280, 32, 32, 20, 128, 51866),
}


def _model(size: str, encoder_layers: int, decoder_layers: int) -> Any:
    width, _, _, heads, bands, words = _SIZES[size]

    def make() -> Any:
        from transformers import WhisperConfig, WhisperForConditionalGeneration

        config = WhisperConfig(
            vocab_size=words,
            num_mel_bins=bands,
            d_model=width,
            encoder_layers=encoder_layers,
            decoder_layers=decoder_layers,
            encoder_attention_heads=heads,
            decoder_attention_heads=heads,
            encoder_ffn_dim=4 * width,
            decoder_ffn_dim=4 * width,
            max_source_positions=_POSITIONS,
            max_target_positions=_CONTEXT,
        )
        return WhisperForConditionalGeneration(config)

    return on_meta(make, f"whisper-{size}")


def _encoder(size: str, layers: int | None = None) -> Example:
    _, depth, _, _, bands, _ = _SIZES[size]
    encoder = _model(size, encoder_layers=depth, decoder_layers=1).get_encoder()
    return Example(encoder, (on_meta_zeros(2, bands, _FRAMES),), shapes=({0: "batch"},), symbols=BATCH)


def _cross_cache(size: str, layers: int | None = None) -> Example:
    from socsim.frontend.wrapper import CrossProjection

    width, _, depth, _, _, _ = _SIZES[size]
    module = CrossProjection(
        _model(size, encoder_layers=1, decoder_layers=depth), "model.decoder.layers", "encoder_attn"
    )
    encoded = on_meta_zeros(2, _POSITIONS, width)
    return Example(module.eval(), (encoded,), shapes=({0: "batch"},), symbols=BATCH, prefix="model")


def _decoder(size: str, layers: int | None = None) -> Example:
    width, _, depth, heads, _, _ = _SIZES[size]
    built = layers or TRACED_LAYERS
    decoder = Decoder(
        stack="model.decoder",
        head="proj_out",
        layers="model.decoder.layers",
        depth=depth,
        kv_heads=heads,
        head_size=width // heads,
        context=_CONTEXT,
    )
    model = _model(size, encoder_layers=1, decoder_layers=built)
    return extend_example(model, decoder, built, cross_length=_POSITIONS)


for _size in _SIZES:
    _source = f"config.json of openai/whisper-{_size}"
    register(f"whisper-{_size}-encoder", _source)(partial(_encoder, _size))
    register(f"whisper-{_size}-cross-cache", _source)(partial(_cross_cache, _size))
    register(f"whisper-{_size}-decoder", _source)(partial(_decoder, _size))
