"""The chapter ``book/application-margins.ipynb``: Did the margin move to the applications?"""
