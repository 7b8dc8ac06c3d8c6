"""What the forms of investors' pages share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.views.generic import FormView

from cluster_portal.web.mixins import ServiceFormMixin, SignedInMixin, go

if TYPE_CHECKING:
    from django.http import HttpResponse


class FormPage(ServiceFormMixin, SignedInMixin, FormView):
    """A form that leads `back` to where it was opened. `look_up` finds what it is about."""

    template_name = "investors/office/form.html"
    title: Any = ""
    #: The word of the button, where it does not keep but act.
    submit: Any = ""
    back: str

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = {"title": self.title, "submit": self.submit}
        return super().get_context_data(**words | kwargs, back=self.back)

    def done(self, message: Any = None) -> HttpResponse:
        return go(self.request, self.back, message=message or _("Saved"))
