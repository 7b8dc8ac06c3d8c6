"""The journal on the admin site (to read), and the base of admin pages whose changes it must know the author of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db import transaction

from cluster_portal.audit.models import Access, Entry
from cluster_portal.common.service import set_journal_context

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


class JournalledAdmin(admin.ModelAdmin):
    """Tells the journal's triggers who works on the admin site. Nothing with history is deleted here."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with transaction.atomic():
            set_journal_context(request.actor, "admin")
            return super().changeform_view(request, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with transaction.atomic():
            set_journal_context(request.actor, "admin")
            return super().changelist_view(request, *args, **kwargs)


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows to look at."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    list_display = (
        "at",
        "operation",
        "table_name",
        "row_id",
        "action",
        "actor_kind",
        "user_id",
        "request_id",
    )
    list_filter = ("operation",)
    search_fields = ("=row_id", "=request_id")
    show_full_result_count = False


@admin.register(Access)
class AccessAdmin(ReadOnlyAdmin):
    list_display = ("at", "subject_type", "subject_id", "purpose", "user_id", "organization_id", "request_id")
    search_fields = ("=subject_id", "=request_id")
    show_full_result_count = False
