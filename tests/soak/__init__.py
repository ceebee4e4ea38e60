"""Files many requests while everything fails, and ends with what reconcile finds: nothing.

Two instances, lost answers, 429, 5xx, double events; turns and workers whose last statement is now and then any of
theirs. `soak` does it in this process; `python -m tests.soak --requests 10000` with instances that are processes of
their own, share one database and one platform, and are killed.
"""

from tests.soak.together import Outcome, soak

__all__ = ["Outcome", "soak"]
