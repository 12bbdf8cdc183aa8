"""The chapter ``book/export-controls.ipynb``: Did the chip controls miss?"""
