"""From results to drawings: the registry of figures, their look, tables, sliders."""
