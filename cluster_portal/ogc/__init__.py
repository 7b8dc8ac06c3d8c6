"""The public land and clinics for geographic programs: OGC API Features 1.0 (core, GeoJSON, OpenAPI 3.0)."""
