"""Who may open what: a table of every route and a walk over it."""
