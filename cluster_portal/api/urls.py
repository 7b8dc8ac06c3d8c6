"""Addresses of the API that belong to no resource."""

from django.urls import path

from cluster_portal.api import docs, oauth
from cluster_portal.api.me import MeView

urlpatterns = [
    path("api/v1/me/", MeView.as_view(), name="api-me"),
    path("api/schema/", docs.schema, name="api-schema"),
    path("api/docs/", docs.docs, name="api-docs"),
    path(
        ".well-known/oauth-authorization-server", docs.authorization_server, name="api-authorization-server"
    ),
    path("oauth/token/", oauth.TokenView.as_view(), name="oauth-token"),
    path("oauth/revoke_token/", oauth.RevokeView.as_view(), name="oauth-revoke"),
]
