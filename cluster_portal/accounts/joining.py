"""Pages on which people open an account by themselves: the e-mail first, the password by the letter."""

from __future__ import annotations

from smtplib import SMTPException
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from allauth.usersessions.models import UserSession
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView

from cluster_portal.accounts.services import attempts, joining
from cluster_portal.common.context import request_info
from cluster_portal.web.mixins import ServiceFormMixin, go

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


class JoinForm(forms.Form):
    """Who asks for an account."""

    name = forms.CharField(label=gettext_lazy("Surname and name"), max_length=200)
    email = forms.EmailField(label=gettext_lazy("E-mail"))

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()


class PasswordForm(forms.Form):
    """The password, once: it can be looked at, and set anew by a letter."""

    password = forms.CharField(
        label=gettext_lazy("Password"), strip=False, help_text=gettext_lazy("At least 12 characters"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip


class JoinView(ServiceFormMixin, FormView):
    """Ask for an account; the page that says that a letter is on its way is the same whoever asks."""

    form_class, template_name = JoinForm, "account/join.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            **kwargs, next=_onwards(self.request, self.request.GET.get("next", ""))
        )

    def perform(self, form: JoinForm) -> HttpResponse | None:
        newcomer = joining.Newcomer(
            **form.cleaned_data, next=_onwards(self.request, self.request.POST.get("next", ""))
        )
        try:
            joining.ask_for_account(newcomer, network=attempts.network(request_info().ip))
        except (SMTPException, OSError):
            form.add_error(None, _("The letter could not be sent. Please try again a little later."))
            return self.form_invalid(form)
        return self.render_to_response(self.get_context_data(form=form, sent=newcomer.email))


class FinishView(ServiceFormMixin, FormView):
    """What the letter leads to: choose a password, and be signed in."""

    form_class, template_name = PasswordForm, "account/join_finish.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form; whoever opens the letter again, once the account is there, is led to where one signs in."""
        newcomer = joining.read_letter(kwargs["token"])
        if not joining.has_account(newcomer.email):
            return super().get(request, *args, **kwargs)
        onwards = _onwards(request, newcomer.next) or resolve_url(settings.LOGIN_REDIRECT_URL)
        if request.user.is_authenticated:
            return redirect(onwards)
        messages.info(request, joining.AccountExists.title)
        return redirect(f"{reverse('account_login')}?{urlencode({'next': onwards})}")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, newcomer=joining.read_letter(self.kwargs["token"]))

    def perform(self, form: PasswordForm) -> HttpResponse:
        token = self.kwargs["token"]
        user = joining.open_account(self.request.actor, token=token, password=form.cleaned_data["password"])
        login(self.request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
        UserSession.objects.create_from_request(self.request)
        return go(
            self.request,
            _onwards(self.request, joining.read_letter(token).next) or settings.LOGIN_REDIRECT_URL,
        )


def _onwards(request: HttpRequest, target: str) -> str:
    """A page of ours, or nothing."""
    ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return resolve_url(target) if ours else ""
