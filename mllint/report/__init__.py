"""Reports: one module per output format, and the pieces they share. They get the data of a run, never trees."""
