"""What holds for all tests."""

from hypothesis import settings

# A slow machine is no fault: speed is measured in benchmarks/, and no test has a deadline of its own but a time-out.
settings.register_profile("acr-janitor", deadline=None)
settings.load_profile("acr-janitor")
