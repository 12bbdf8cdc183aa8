"""Time llm-analysis: prefill and decode of Llama-2-7B on one A100, one configuration a call. Prints JSON."""

import json
import logging
import sys
import time

sys.path.pop(0)  # this file has the package's name

from llm_analysis.analysis import LLMAnalysis
from llm_analysis.config import get_dtype_config_by_name, get_gpu_config_by_name, get_model_config_by_name

logging.disable(logging.CRITICAL)
analysis = LLMAnalysis(
    get_model_config_by_name("NousResearch_Llama-2-7b-hf"),
    get_gpu_config_by_name("a100-sxm-80gb"),
    get_dtype_config_by_name("w16a16e16"),
    flops_efficiency=0.5,
    hbm_memory_efficiency=0.8,
)


def evaluate(index):
    return analysis.inference(batch_size_per_gpu=1 + index % 16, seq_len=128 + index % 512, num_tokens_to_generate=64)


evaluate(0)
count = 2000
start = time.perf_counter()
for index in range(count):
    evaluate(index)
print(json.dumps({"configurations": count, "seconds": time.perf_counter() - start}))
