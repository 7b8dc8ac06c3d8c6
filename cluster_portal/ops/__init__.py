"""How the portal is operated: health, metrics, logs, and what a start has to prepare."""
