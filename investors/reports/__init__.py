"""The reports of land and investors. Importing them enters them in the catalogue (`InvestorsConfig.ready`)."""

from investors.reports import land, lists, money, pipeline, projects, tenders

__all__ = ["land", "lists", "money", "pipeline", "projects", "tenders"]
