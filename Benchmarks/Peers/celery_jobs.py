"""Empty jobs for Celery (BSD-3-Clause, https://github.com/celery/celery). As a program it adds N of them. REDIS_URL and N come from the environment."""
import os

from celery import Celery

app = Celery("celery_jobs", broker=os.environ["REDIS_URL"])
app.conf.update(task_ignore_result=True, worker_prefetch_multiplier=64, task_acks_late=True)


@app.task(name="celery_jobs.empty")
def empty(_number: int) -> None:
    """Does nothing."""


if __name__ == "__main__":
    with app.connection_for_write() as connection, connection.Producer() as producer:
        for number in range(int(os.environ["N"])):
            empty.apply_async((number,), producer=producer)
