"""The portal of a medical cluster: what is below its four apps and above them."""

import gc

# A portal at rest is a million objects that never go. Python looks through them after every 700 new ones, which is a
# fifth of a start and a good part of each page; what is freed at all is freed by its count, cycles can wait.
gc.set_threshold(50_000, 20, 50)
