"""Is a workload found by path and by name, and does every shipped one load, quickly and without torch?"""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from socsim.errors import WorkloadError
from socsim.workload import find_workload, library, load_workload, shipped_workloads
from socsim.workload.file import encode


def test_a_path_and_a_name_and_a_name_written_another_way() -> None:
    path = find_workload("resnet-50")
    assert path.name == "resnet-50.json.gz"
    assert find_workload(path) == path
    assert find_workload("ResNet50") == path
    assert find_workload("llama2_7b") == find_workload("llama-2-7b")
    assert find_workload("qwen2.5-7b.json.gz").name == "qwen2.5-7b.json.gz"


def test_a_name_that_is_not_there_gets_near_ones() -> None:
    with pytest.raises(WorkloadError, match=r"unknown workload 'resnet-51': did you mean 'resnet-50'"):
        find_workload("resnet-51")
    with pytest.raises(WorkloadError, match="no such workload file"):
        find_workload("folder/resnet-50")


def test_an_installed_package_brings_its_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "socsim"
    (package / "data" / "workloads").mkdir(parents=True)
    (package / "workload").mkdir()
    monkeypatch.setattr(library, "__file__", str(package / "workload" / "library.py"))
    assert library.shipped_folder() == package / "data" / "workloads"
    (package / "data" / "workloads").rmdir()
    assert library.shipped_folder() == tmp_path / "workloads"


@pytest.mark.parametrize("name", sorted(shipped_workloads()))
def test_a_shipped_workload_loads_and_would_be_written_again_as_it_is(name: str) -> None:
    path = shipped_workloads()[name]
    workload = load_workload(path)
    assert workload.name == name
    assert not workload.partial
    assert gzip.decompress(encode(workload)) == gzip.decompress(path.read_bytes())


def test_loading_a_workload_imports_neither_torch_nor_pandas() -> None:
    code = (
        "import sys; from socsim.workload import find_workload, load_workload; load_workload(find_workload('gpt2'));"
        "bad = {'torch', 'pandas', 'pyarrow', 'transformers', 'numpy'} & set(sys.modules);"
        "sys.exit(','.join(sorted(bad)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
