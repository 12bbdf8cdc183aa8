"""The chapter ``book/market-reaction.ipynb``: What did the market say on 27 January 2025, and was it right?"""
