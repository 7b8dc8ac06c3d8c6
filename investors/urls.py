"""Addresses of the investors' pages."""

app_name = "investors"

urlpatterns: list = []
