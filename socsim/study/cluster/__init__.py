"""Studies on many machines: any Dask cluster, one started through a batch system, or one on Kubernetes."""

from socsim.study.cluster.start import cluster_executor

__all__ = ["cluster_executor"]
