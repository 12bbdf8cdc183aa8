"""Time servcalc: Llama-3.1-8B on one H100, many batch sizes a call, the cheapest way it offers. Prints
JSON."""

import json
import sys
import time

sys.path.pop(0)  # this file has the package's name

from servcalc import Workload, estimate

config = json.loads(sys.argv[1])
batches = tuple(range(1, 257))


def evaluate(index):
    return estimate(config, "H100 80GB", workload=Workload(128 + index, 64, batches)).points


evaluate(0)
calls = 20
start = time.perf_counter()
for index in range(calls):
    evaluate(index)
print(json.dumps({"configurations": calls * len(batches), "seconds": time.perf_counter() - start}))
