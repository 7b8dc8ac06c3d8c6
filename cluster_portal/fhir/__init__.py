"""FHIR R4 (4.0.1) for systems that speak it: mappers and views over the selectors and services of the apps."""
