"""The chapter ``book/cost-claims.ipynb``: Was it six million or not?"""
