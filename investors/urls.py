"""Addresses of the investors' pages."""

from django.urls import path

from investors.views import bids, browse, companies, office, tender_office, tenders

app_name = "investors"

urlpatterns = [
    path("plots/", browse.BrowseView.as_view(), name="plots"),
    path("plots/compare/", browse.CompareView.as_view(), name="compare"),
    path("plots/export/<slug:file_format>/", browse.ExportView.as_view(), name="export"),
    path("plots/documents/<uuid:pk>/", browse.DocumentView.as_view(), name="document"),
    path("plots/<uuid:pk>/", browse.PlotView.as_view(), name="plot"),
    path("plots/<uuid:pk>/passport.pdf", browse.PassportView.as_view(), name="passport"),
    path("companies/", companies.OwnView.as_view(), name="own"),
    path("companies/new/", companies.CompanyFormView.as_view(), name="company_new"),
    path("companies/join/<str:token>/", companies.JoinView.as_view(), name="join"),
    path("companies/documents/<uuid:pk>/", companies.DocumentView.as_view(), name="company_document"),
    path(
        "companies/documents/<uuid:pk>/remove/",
        companies.DocumentRemoveView.as_view(),
        name="company_document_remove",
    ),
    path("companies/owners/<uuid:pk>/remove/", companies.OwnerRemoveView.as_view(), name="owner_remove"),
    path("companies/people/<uuid:pk>/remove/", companies.PersonRemoveView.as_view(), name="person_remove"),
    path(
        "companies/invitations/<uuid:pk>/remove/",
        companies.InvitationRemoveView.as_view(),
        name="invitation_remove",
    ),
    path("companies/<uuid:pk>/", companies.CompanyView.as_view(), name="company"),
    path("companies/<uuid:pk>/edit/", companies.CompanyFormView.as_view(), name="company_edit"),
    path("companies/<uuid:pk>/owners/new/", companies.OwnerFormView.as_view(), name="owner_new"),
    path(
        "companies/<uuid:pk>/documents/new/",
        companies.DocumentFormView.as_view(),
        name="company_document_new",
    ),
    path("companies/<uuid:pk>/invite/", companies.InviteView.as_view(), name="invite"),
    path("companies/<uuid:pk>/<slug:action>/", companies.StepView.as_view(), name="company_step"),
    path("land/companies/", companies.CompaniesView.as_view(), name="companies"),
    path("tenders/", tenders.TendersView.as_view(), name="tenders"),
    path("tenders/documents/<uuid:pk>/", tenders.DocumentView.as_view(), name="tender_document"),
    path("tenders/<uuid:pk>/", tenders.TenderView.as_view(), name="tender"),
    path("tenders/<uuid:pk>/versions/<int:number>/", tenders.VersionView.as_view(), name="tender_version"),
    path("tenders/<uuid:pk>/ask/", tenders.AskView.as_view(), name="tender_ask"),
    path(
        "land/tenders/questions/<uuid:question>/", tender_office.AnswerView.as_view(), name="question_answer"
    ),
    path("tenders/<uuid:pk>/bid/", bids.BidFormView.as_view(), name="bid_new"),
    path("tenders/bids/<uuid:pk>/", bids.BidView.as_view(), name="bid"),
    path("tenders/bids/<uuid:pk>/contents/", bids.ReceiptView.as_view(), name="bid_contents"),
    path(
        "tenders/bids/<uuid:pk>/confirm/",
        bids.BidStepView.as_view(),
        {"action": "confirm"},
        name="bid_confirm",
    ),
    path(
        "tenders/bids/<uuid:pk>/withdraw/",
        bids.BidStepView.as_view(),
        {"action": "withdraw"},
        name="bid_withdraw",
    ),
    path("land/tenders/<uuid:pk>/key/", bids.KeyPartView.as_view(), name="key_part"),
    path("land/tenders/<uuid:pk>/key/remove/", bids.KeyPartRemoveView.as_view(), name="key_part_remove"),
    path("land/tenders/<uuid:pk>/open/", bids.OpeningView.as_view(), name="tender_open"),
    path("land/tenders/", tender_office.TendersView.as_view(), name="office_tenders"),
    path("land/tenders/new/", tender_office.TenderFormView.as_view(), name="tender_new"),
    path(
        "land/tenders/documents/<uuid:document>/remove/",
        tender_office.DocumentRemoveView.as_view(),
        name="tender_document_remove",
    ),
    path("land/tenders/<uuid:pk>/", tender_office.DossierView.as_view(), name="office_tender"),
    path("land/tenders/<uuid:pk>/edit/", tender_office.TenderFormView.as_view(), name="tender_edit"),
    path("land/tenders/<uuid:pk>/terms/", tender_office.TermsFormView.as_view(), name="tender_terms"),
    path(
        "land/tenders/<uuid:pk>/documents/new/",
        tender_office.DocumentFormView.as_view(),
        name="tender_document_new",
    ),
    path("land/tenders/<uuid:pk>/<slug:action>/", tender_office.StepView.as_view(), name="tender_step"),
    path("land/", office.PlotsView.as_view(), name="office_plots"),
    path("land/sites/new/", office.SiteFormView.as_view(), name="site_new"),
    path("land/sites/<uuid:pk>/", office.SiteFormView.as_view(), name="site_edit"),
    path("land/new/", office.PlotFormView.as_view(), name="plot_new"),
    path("land/utilities/<uuid:utility>/", office.UtilityFormView.as_view(), name="utility_edit"),
    path("land/utilities/<uuid:utility>/remove/", office.UtilityRemoveView.as_view(), name="utility_remove"),
    path(
        "land/documents/<uuid:document>/remove/", office.DocumentRemoveView.as_view(), name="document_remove"
    ),
    path("land/<uuid:pk>/", office.DossierView.as_view(), name="office_plot"),
    path("land/<uuid:pk>/edit/", office.PlotFormView.as_view(), name="plot_edit"),
    path("land/<uuid:pk>/utilities/new/", office.UtilityFormView.as_view(), name="utility_new"),
    path("land/<uuid:pk>/documents/new/", office.DocumentFormView.as_view(), name="document_new"),
    path("land/<uuid:pk>/<slug:action>/", office.StepView.as_view(), name="plot_step"),
]
