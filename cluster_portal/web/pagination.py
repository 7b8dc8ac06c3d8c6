"""Next and previous of a list by cursor, in the page's own address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cluster_portal.common.keyset import Page, paginate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from django.http import HttpRequest

PAGE_SIZE = 50


def page_of(request: HttpRequest, queryset: QuerySet, order: Sequence[str], size: int = PAGE_SIZE) -> Page:
    """The page that `?cursor=` asks for; hand it to `{% pager page %}`. Raises Invalid for a damaged cursor."""
    return paginate(queryset, order=order, cursor=request.GET.get("cursor"), limit=size)
