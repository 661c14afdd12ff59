"""The model zoo: well-known models built from configuration values written here, without weights and without network.

One file per model family; a file in this folder is imported when the zoo is first looked at, so adding a model is one
file. All models are built in fp16, the format that mobile accelerators run; `--precision` changes it afterwards.
"""

from socsim.frontend.zoo.registration import ZooEntry, register, zoo_entry, zoo_names

__all__ = ["ZooEntry", "register", "zoo_entry", "zoo_names"]
