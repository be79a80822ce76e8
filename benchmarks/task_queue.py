"""What stands for a project's task queue: a job is written down for it, and dropped.

Mail about an event is written after the answer. In the server's own thread that is up to half a
minute later, when another contender is being measured. `service_calls` tells what one mail costs.
"""

import json
from collections.abc import Callable
from typing import Any

__all__ = ["enqueue"]


def enqueue(job: Callable[..., object], /, **arguments: Any) -> None:
    """Write the job down, as one writes it to a queue."""
    json.dumps([f"{job.__module__}.{job.__qualname__}", arguments])
