"""Reports and exports: one class each; the page, the REST resource, the schedule and the files come of it."""
