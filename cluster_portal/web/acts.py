"""Steps of a state table as pages offer them: a button, what follows from it, and the form that asks for a reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cluster_portal.common.errors import NotFound

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


class StepForm(forms.Form):
    """A step that needs nothing said."""


class ReasonForm(StepForm):
    """A step that is not taken without saying why."""

    reason = forms.CharField(
        label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Please say why: colleagues and the journal will ask.")},
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Act:
    """A step as a page offers it. `note` says beforehand what follows, `done` is told afterwards.

    One that `warns` is no everyday step, so its button is not the page's main one; `danger` cannot be undone.
    """

    service: Callable[..., Any]
    label: Any
    icon: str
    note: Any = ""
    form: type[forms.Form] = StepForm
    danger: bool = False
    done: Any = ""
    warns: bool = False


class StepMixin:
    """The page of a step of a row `pk`; the address names it. Stands before the view of a form about that row.

    `acts` are the steps by the names of the state table, `key` is what their services call the row's key.
    """

    acts: dict[str, Act]
    key: str

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        if kwargs["action"] not in self.acts:
            raise NotFound
        super().look_up(request, **kwargs)

    @property
    def act(self) -> Act:
        return self.acts[self.kwargs["action"]]

    def get_form_class(self) -> type[forms.Form]:
        return self.act.form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        act = self.act
        return super().get_context_data(**kwargs, act=act, title=act.label, note=act.note)

    def perform(self, form: forms.Form) -> HttpResponse:
        self.act.service(self.request.actor, **{self.key: self.kwargs["pk"]}, **form.cleaned_data)
        return self.done(self.act.done)
