"""Other people's models -> workloads: PyTorch by way of torch.export, and a zoo. The only place that imports torch."""

from socsim.frontend.example import Example, trace_example
from socsim.frontend.language_model import Decoder, extend_example
from socsim.frontend.models import trace_model
from socsim.frontend.torch_export import trace

__all__ = ["Decoder", "Example", "extend_example", "trace", "trace_example", "trace_model"]
