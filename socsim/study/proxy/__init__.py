"""A differentiable stand-in for the simulator: latency and energy per operator, as a torch module (extra `trace`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from socsim.study.proxy.fit import fit_proxy
    from socsim.study.proxy.module import OperatorProxy

__all__ = ["OperatorProxy", "fit_proxy"]


def __getattr__(name: str) -> Any:
    """torch is imported when the proxy is used."""
    if name == "fit_proxy":
        from socsim.study.proxy.fit import fit_proxy

        return fit_proxy
    if name == "OperatorProxy":
        from socsim.study.proxy.module import OperatorProxy

        return OperatorProxy
    raise AttributeError(f"module 'socsim.study.proxy' has no attribute '{name}'")
