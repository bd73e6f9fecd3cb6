"""Empty jobs for RQ (BSD-2-Clause, https://github.com/rq/rq). As a program it adds N of them. REDIS_URL and N come from the environment."""
import os

import redis
import rq


def empty(_number: int) -> None:
    """Does nothing."""


if __name__ == "__main__":
    import rq_jobs  # The worker is to find the function by this module's name.

    queue = rq.Queue(connection=redis.from_url(os.environ["REDIS_URL"]))
    jobs = [rq.Queue.prepare_data(rq_jobs.empty, (number,), result_ttl=0) for number in range(int(os.environ["N"]))]
    for first in range(0, len(jobs), 1000):
        queue.enqueue_many(jobs[first:first + 1000])
