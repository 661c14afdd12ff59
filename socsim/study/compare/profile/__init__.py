"""A run against a measured profile: read it, match its operators with the simulated tasks, say how far they are off."""

from socsim.study.compare.profile.compare import ProfileComparison, compare_profile
from socsim.study.compare.profile.measured import MeasuredOperation, Profile
from socsim.study.compare.profile.read import read_profile

__all__ = ["MeasuredOperation", "Profile", "ProfileComparison", "compare_profile", "read_profile"]
