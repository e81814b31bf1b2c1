"""A model of what so many users need: who does what (`demand`), what each act costs (`costs`), how long it then waits
(`queueing`), and what follows (`plan`). Pure: `benchmarks.capacity` measures the costs and holds the model against a
mix of all; `docs.draw_scale` writes what follows."""
