"""The chapter ``book/distillation.ipynb``: Can reasoning be copied, and what does a copy cost?"""
