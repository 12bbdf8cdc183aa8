"""The chapter ``book/efficiency.ipynb``: What did DeepSeek save, and against what?"""
