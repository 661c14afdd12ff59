"""Stable Diffusion 1.5 and 2.1-base at 512×512 (Rombach et al. 2022): UNet, decoder of the autoencoder, text encoder.

One step of classifier-free guidance runs the UNet at batch 2.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from socsim.frontend.example import Example
from socsim.frontend.zoo.registration import BATCH, on_meta, on_meta_zeros, register

_LATENT, _CHANNELS, _TOKENS = 64, 4, 77
_UNETS: dict[str, dict[str, Any]] = {
    "1.5": {"cross_attention_dim": 768, "attention_head_dim": 8},
    "2.1": {"cross_attention_dim": 1024, "attention_head_dim": [5, 10, 20, 20], "use_linear_projection": True},
}
_TEXTS: dict[str, dict[str, Any]] = {
    "1.5": {
        "hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12, "num_attention_heads": 12,
        "hidden_act": "quick_gelu", "projection_dim": 768,
    },
    "2.1": {
        "hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 23, "num_attention_heads": 16,
        "hidden_act": "gelu", "projection_dim": 512,
    },
}  # fmt: skip
_SOURCES = {
    "1.5": "config.json files of stable-diffusion-v1-5/stable-diffusion-v1-5",
    "2.1": "config.json files of stabilityai/stable-diffusion-2-1-base",
}


def _unet(version: str, layers: int | None = None) -> Example:
    values = _UNETS[version]

    def make() -> Any:
        from diffusers import UNet2DConditionModel

        return UNet2DConditionModel(
            sample_size=_LATENT,
            in_channels=_CHANNELS,
            out_channels=_CHANNELS,
            layers_per_block=2,
            block_out_channels=(320, 640, 1280, 1280),
            **values,
        )

    inputs = (
        on_meta_zeros(2, _CHANNELS, _LATENT, _LATENT),
        on_meta_zeros(dtype="int64"),
        on_meta_zeros(2, _TOKENS, values["cross_attention_dim"]),
    )
    model = on_meta(make, f"stable-diffusion-{version}-unet")
    return Example(model, inputs, shapes=({0: "batch"}, None, {0: "batch"}), symbols=BATCH)


def _vae_decoder(version: str, layers: int | None = None) -> Example:
    def make() -> Any:
        from diffusers import AutoencoderKL

        autoencoder = AutoencoderKL(
            in_channels=3,
            out_channels=3,
            down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4,
            block_out_channels=(128, 256, 512, 512),
            layers_per_block=2,
            latent_channels=_CHANNELS,
            norm_num_groups=32,
            sample_size=512,
        )
        autoencoder.forward = autoencoder.decode
        return autoencoder

    latents = on_meta_zeros(2, _CHANNELS, _LATENT, _LATENT)
    model = on_meta(make, f"stable-diffusion-{version}-vae-decoder")
    return Example(model, (latents,), shapes=({0: "batch"},), symbols=BATCH)


def _text_encoder(version: str, layers: int | None = None) -> Example:
    def make() -> Any:
        from transformers import CLIPTextConfig, CLIPTextModel

        config = CLIPTextConfig(vocab_size=49408, max_position_embeddings=_TOKENS, **_TEXTS[version])
        return CLIPTextModel(config)

    tokens = on_meta_zeros(2, _TOKENS, dtype="int64")
    model = on_meta(make, f"stable-diffusion-{version}-text-encoder")
    return Example(model, (tokens,), shapes=({0: "batch"},), symbols=BATCH)


for _version, _source in _SOURCES.items():
    register(f"stable-diffusion-{_version}-unet", _source)(partial(_unet, _version))
    register(f"stable-diffusion-{_version}-vae-decoder", _source)(partial(_vae_decoder, _version))
    register(f"stable-diffusion-{_version}-text-encoder", _source)(partial(_text_encoder, _version))
