"""Cases: sourced numbers put into models. A chip, a model by name, V3's run, DeepSeek's service, a price list.

A case reads facts, and assumptions from what it is given as ``a``, and calls model functions. Chapters state their
results with cases, and take none from each other. No result is declared here.
"""
