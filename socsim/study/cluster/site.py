"""Site settings: what a cluster wants to know of every job, in a small YAML file of its own.

workers: 64            # processes in all, each works on one point at a time
cores: 16              # per job; so many processes share a job
memory: 32 GiB         # per job
walltime: "02:00:00"
queue: normal          # Slurm calls it a partition
account: my-project
prologue: [module load python]                # lines of the job script before the worker starts
directives: ["--constraint=icelake"]          # further options of the batch system
python: /shared/venv/bin/python               # default: the same as here
folder: /scratch/me                           # where workers may write; default: the system's
interface: ib0                                # network that workers and scheduler meet on
image: registry.example.org/socsim:0.1        # Kubernetes only
namespace: studies                            # Kubernetes only
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from socsim.errors import ConfigError
from socsim.quantity import parse_int
from socsim.study.design.section import raise_problems, read_document


@dataclass(frozen=True, slots=True)
class Site:
    """What jobs of a study ask for. Empty text means: the batch system's default."""

    workers: int = 4
    cores: int = 1
    memory_bytes: int = 2 * 2**30
    walltime: str = "01:00:00"
    queue: str = ""
    account: str = ""
    prologue: tuple[str, ...] = ()
    directives: tuple[str, ...] = ()
    python: str = ""
    folder: str = ""
    interface: str = ""
    image: str = ""
    namespace: str = ""

    @property
    def num_jobs(self) -> int:
        """Jobs that it takes to have all workers."""
        return -(-self.workers // self.cores)


def read_site(path: Path | None) -> Site:
    """The settings of a file, or the defaults. All errors are raised together as `ConfigFileError`."""
    if path is None:
        return Site()
    problems: list[ConfigError] = []
    top = read_document(path, problems)
    default = Site()
    memory = default.memory_bytes
    memory_entry = top.entry("memory")
    text = top.text("memory")
    if memory_entry is not None and text:
        try:
            memory = parse_int(text, "size", str(memory_entry.node.mark))
        except ConfigError as error:
            problems.append(error)
    site = Site(
        workers=top.integer("workers", default.workers, 1),
        cores=top.integer("cores", default.cores, 1),
        memory_bytes=memory,
        walltime=top.text("walltime", default.walltime),
        queue=top.text("queue"),
        account=top.text("account"),
        prologue=tuple(line for line, _ in top.texts("prologue")),
        directives=tuple(line for line, _ in top.texts("directives")),
        python=top.text("python"),
        folder=top.text("folder"),
        interface=top.text("interface"),
        image=top.text("image"),
        namespace=top.text("namespace"),
    )
    top.close()
    raise_problems(problems)
    return site
