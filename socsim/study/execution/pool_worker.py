"""A process of the local pool: jobs come in on its standard input, outcomes leave on its standard output.

It ends at once when the process that started it is gone, however that ended.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from typing import BinaryIO

from socsim.errors import SocsimError
from socsim.study.execution.frames import read_frame, write_frame
from socsim.study.execution.job import run_job


def main() -> None:
    """Work on jobs until the input ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a component prints must not end up among the answers
    requests: queue.Queue[bytes] = queue.Queue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, requests), daemon=True).start()
    write_frame(answers, b"ready")
    while True:
        request = json.loads(requests.get())
        head = {"wall_s": 0.0, "error": ""}
        blob = b""
        try:
            blob, head["wall_s"] = run_job(request["function"], request["items"], request["code"])
        except SocsimError as error:
            head["error"] = str(error)
        write_frame(answers, json.dumps(head).encode())
        write_frame(answers, blob)


def _listen(pipe: BinaryIO, requests: queue.Queue[bytes]) -> None:
    while (message := read_frame(pipe)) is not None:
        requests.put(message)
    os._exit(0)


if __name__ == "__main__":
    main()
