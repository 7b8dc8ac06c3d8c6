from investors.models.plot import Plot, PlotDocument, Site, Utility

__all__ = ["Plot", "PlotDocument", "Site", "Utility"]
