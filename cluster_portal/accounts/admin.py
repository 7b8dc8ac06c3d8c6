"""People and API clients on the admin site, which sits behind the portal's own sign-in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.decorators import secure_admin_login
from django import forms
from django.contrib import admin
from django.contrib.auth.forms import BaseUserCreationForm, ReadOnlyPasswordHashField
from django.contrib.auth.models import Group
from oauth2_provider import models as oauth

from cluster_portal.accounts.models import ApiClient, User
from cluster_portal.audit.admin import JournalledAdmin

if TYPE_CHECKING:
    from django.http import HttpRequest

admin.site.login = secure_admin_login(admin.site.login)

# Tokens and grants are nobody's to edit, and what people may do follows from memberships, not from groups.
for model in (oauth.get_access_token_model(), oauth.get_refresh_token_model(), oauth.get_grant_model(),
              oauth.get_id_token_model(), oauth.get_device_grant_model(), ApiClient, Group):  # fmt: skip
    if admin.site.is_registered(model):
        admin.site.unregister(model)


class UserCreationForm(BaseUserCreationForm):
    """A new person with a first password."""

    class Meta:
        model = User
        fields = ("email", "name")

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()


class UserChangeForm(forms.ModelForm):
    """A person; the password is changed by the person."""

    password = ReadOnlyPasswordHashField()

    class Meta:
        model = User
        fields = ("email", "name", "position", "language", "is_active", "is_staff", "is_superuser")


@admin.register(User)
class UserAdmin(JournalledAdmin):
    list_display = ("email", "name", "position", "is_active", "is_staff", "is_demo", "last_login")
    list_filter = ("is_active", "is_staff", "is_demo")
    search_fields = ("email", "name")
    ordering = ("email",)
    form = UserChangeForm
    readonly_fields = ("last_login", "date_joined", "is_demo")

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> type[forms.ModelForm]:
        if obj is None:
            return UserCreationForm
        return super().get_form(request, obj, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        rights = () if request.user.is_superuser else ("is_staff", "is_superuser")
        return () if obj is None else (*self.readonly_fields, *rights)


@admin.register(ApiClient)
class ApiClientAdmin(JournalledAdmin):
    """To look at and to switch off; secrets are made by the command create_api_client alone."""

    list_display = ("name", "client_id", "is_active", "allowed_scopes", "created")
    list_filter = ("is_active",)
    search_fields = ("name", "=client_id")
    fields = ("name", "client_id", "allowed_scopes", "is_active", "created", "updated")
    readonly_fields = ("client_id", "created", "updated")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
