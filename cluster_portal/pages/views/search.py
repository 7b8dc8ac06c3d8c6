"""Search over everything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.generic import TemplateView

from cluster_portal.pages.selectors.search import search_everything

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


class Search(TemplateView):
    """A referral's number leads to the referral; anything else to patients and clinics. Visitors get the catalogue."""

    template_name = "pages/search.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        text = request.GET.get("q", "")
        if not request.actor.is_authenticated:
            return redirect(f"{reverse('clinics:catalogue')}?{urlencode({'q': text[:100]})}")
        found = search_everything(request.actor, text)
        if found.referral:
            return redirect("patients:referral", found.referral.pk)
        return self.render_to_response(self.get_context_data(found=found, **kwargs))
