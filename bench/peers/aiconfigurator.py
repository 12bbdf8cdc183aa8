"""Time aiconfigurator's SDK: decode of Llama-3.1-8B on one H100, one configuration a call. Prints JSON."""

import json
import logging
import sys
import time

sys.path.pop(0)  # this file has the package's name

from aiconfigurator.sdk.inference_session import InferenceSession
from aiconfigurator_core.sdk.backends.factory import get_backend
from aiconfigurator_core.sdk.config import ModelConfig, RuntimeConfig
from aiconfigurator_core.sdk.models import get_model
from aiconfigurator_core.sdk.perf_database import get_database, get_latest_database_version

logging.disable(logging.CRITICAL)
system, backend = "h100_sxm", "trtllm"
database = get_database(system, backend, get_latest_database_version(system, backend))
model = get_model("meta-llama/Meta-Llama-3.1-8B", ModelConfig(tp_size=1, pp_size=1), backend)
session = InferenceSession(model, database, get_backend(backend))


def evaluate(index):
    runtime = RuntimeConfig(batch_size=1 + index % 256, beam_width=1, isl=128 + index, osl=2)
    return session.run_static_latency_only(runtime, "static_gen")


evaluate(0)
count = 2000
start = time.perf_counter()
for index in range(count):
    evaluate(index)
print(json.dumps({"configurations": count, "seconds": time.perf_counter() - start}))
