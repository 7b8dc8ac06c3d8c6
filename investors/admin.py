"""Land on the admin site, to look at: whatever changes there goes through the pages and their services."""

from django.contrib import admin

from cluster_portal.audit.admin import ReadOnlyAdmin
from investors.models import Interest, Investor, InvestorMember, Plot, PlotDocument, Site, Utility


@admin.register(Site)
class SiteAdmin(ReadOnlyAdmin):
    list_display = ("name_ru", "area", "surveyed_on")


@admin.register(Plot)
class PlotAdmin(ReadOnlyAdmin):
    list_display = ("number", "cadastral_number", "direction", "area", "state")
    list_filter = ("state", "direction", "tenure")
    search_fields = ("=number", "=cadastral_number")


@admin.register(Utility)
class UtilityAdmin(ReadOnlyAdmin):
    list_display = ("plot", "kind", "free", "total", "stated_on")
    list_filter = ("kind",)


@admin.register(PlotDocument)
class PlotDocumentAdmin(ReadOnlyAdmin):
    list_display = ("plot", "kind", "title_ru", "size")
    list_filter = ("kind",)


@admin.register(Investor)
class InvestorAdmin(ReadOnlyAdmin):
    list_display = ("name_ru", "country", "register_number", "state")
    list_filter = ("state",)
    search_fields = ("name_ru", "name_en", "=register_number")


@admin.register(InvestorMember)
class InvestorMemberAdmin(ReadOnlyAdmin):
    list_display = ("investor", "user", "role")


@admin.register(Interest)
class InterestAdmin(ReadOnlyAdmin):
    list_display = ("investor", "direction", "state", "next_on")
    list_filter = ("state",)
