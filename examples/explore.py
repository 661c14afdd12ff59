# %% [markdown]
# # What limits this network on this chip, and what would change it?
# A notebook as a script: open it in an editor that knows `# %%` cells, or run it: `python examples/explore.py`.

# %%
from pathlib import Path

import socsim

OUT = Path("runs/explore")

soc = socsim.load_soc("apple/m1")
result = socsim.simulate(socsim.load_workload("resnet-18"), soc, socsim.RunOptions(units=("gpu",), precision="fp16"))
result  # in a notebook: the headline figures

# %% [markdown]
# The summary is a dictionary, tasks and counters are data frames.

# %%
summary = result.summary
print(f"{summary['latency_s'] * 1e3:.2f} ms, {summary['energy_j'] * 1e3:.1f} mJ")
print({name: round(share, 3) for name, share in summary["bound_by"].items() if share > 0.01})
longest = result.tasks.assign(time_us=lambda t: (t["end_ps"] - t["start_ps"]) / 1e6).nlargest(3, "time_us")
print(longest[["label", "unit", "time_us"]].to_string(index=False))

# %% [markdown]
# What if? A chip with changes is another chip; `socsim.latency` is the question in one call, and remembers its answers.

# %%
for cores in (4, 8, 16):
    changed = socsim.load_soc("apple/m1", [f"units.gpu.cores={cores}"])
    latency_s = socsim.latency("resnet-18", changed, units="gpu", precision="fp16")
    print(f"{cores:2d} GPU cores: {latency_s * 1e3:.2f} ms")

# %% [markdown]
# Many at once: a sweep is a small file, resumable, on all cores or a cluster; its table is a data frame.

# %%
OUT.mkdir(parents=True, exist_ok=True)
sweep_file = OUT / "sweep.yaml"
sweep_file.write_text(
    """
base: {hardware: apple/m1, workload: resnet-18, options: {units: [gpu], precision: fp16}}
axes:
  units.gpu.cores: [4, 8, 16]
  dram.channels: [4, 8]
objectives: {latency_s: min, die.cost_usd: min}
"""
)
swept = socsim.sweep(sweep_file, OUT / "sweep", workers=1)
frame = swept.frame
front = frame.iloc[swept.front()]
print(front[["units.gpu.cores", "dram.channels", "latency_s", "die.cost_usd"]].to_string(index=False))

# %% [markdown]
# Which knob matters? One at a time here; `morris` and `sobol` see interactions too.

# %%
study_file = OUT / "sensitivity.yaml"
study_file.write_text(
    """
base: {hardware: apple/m1, workload: resnet-18, options: {units: [gpu], precision: fp16}}
axes:
  units.gpu.clock: {random: {from: 1.0 GHz, to: 1.5 GHz}}
  dram.channels: [4, 8, 16]
"""
)
study = socsim.sensitivity(study_file, OUT / "sensitivity", workers=0)
for effect in study.effects["latency_s"]:
    print(f"{effect.axis}: {effect.strength:.1%}")

# %%
result.to_perfetto(OUT / "trace.pftrace")  # open it at ui.perfetto.dev
result.to_html(OUT / "report.html")
