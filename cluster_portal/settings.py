"""The portal's one settings file. What an operator may change comes through `env`, and README lists it."""

from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from whitenoise.compress import Compressor as WhiteNoiseCompressor

from cluster_portal import env
from cluster_portal.ops import logging as portal_logging

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = env.path("PORTAL_DATA", BASE_DIR / ".portal" / "default")

DEBUG = env.bool("DEBUG", default=False)
# The demo has generated people and one-click sign-in; nothing of it exists without this.
DEMO = env.bool("PORTAL_DEMO", default=False)
SECRET_KEY = env.str("SECRET_KEY", "not-a-secret-for-development-only" if DEBUG else env.REQUIRED)
if not DEBUG and len(SECRET_KEY) < 40:
    raise ImproperlyConfigured(
        "SECRET_KEY must hold at least 40 characters, for example from `openssl rand -hex 32`."
    )
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS")
# How many reverse proxies of ours stand in front (0: the peer's address is the client's).
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)
HTTPS = env.bool("HTTPS", default=False)

INSTALLED_APPS = [
    "cluster_portal.common",
    "cluster_portal.audit",
    "cluster_portal.ops",
    "cluster_portal.api",
    "cluster_portal.web",
    "cluster_portal.files",
    # Before accounts, which replaces their admin pages.
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "oauth2_provider",
    "cluster_portal.accounts",
    "cluster_portal.notifications",
    "cluster_portal.jobs",
    "cluster_portal.reports",
    "cluster_portal.imports",
    "cluster_portal.webhooks",
    "clinics",
    "patients",
    "training",
    "investors",
    "cluster_portal.pages",
    "cluster_portal.demo",
    "django.contrib.admin",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "cluster_portal.ops.apps.CollectedFiles",
    "django.forms",
    "pgtrigger",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "csp",
]

MIDDLEWARE = [
    "cluster_portal.ops.middleware.OperationsMiddleware",
    "cluster_portal.web.middleware.RequestContextMiddleware",
    "cluster_portal.ops.middleware.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "cluster_portal.web.middleware.SecurityHeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "cluster_portal.fhir.middleware.FhirMiddleware",
    "cluster_portal.api.middleware.ApiMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "cluster_portal.web.middleware.LanguageMiddleware",
    "cluster_portal.web.middleware.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "cluster_portal.web.middleware.EndedMembershipMiddleware",
    "cluster_portal.web.middleware.ErrorPageMiddleware",
]

ROOT_URLCONF = "cluster_portal.urls"
WSGI_APPLICATION = "cluster_portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ACTOR_RESOLVER = "clinics.selectors.actors.resolve"
ACTOR_READER = "clinics.selectors.actors.with_rows"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cluster_portal.web.context_processors.shell",
                "clinics.context_processors.cluster",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "cluster_portal.web.templatetags.portal",
            ],
        },
    }
]
FORM_RENDERER = "cluster_portal.web.forms.Renderer"

DATABASES = {"default": env.database("DATABASE_URL")}
REDIS_URL = env.str("REDIS_URL", "redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "cluster_portal.common.cache.Cache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2},
    }
}
# Sessions live in the database: what was ended is dead at once, and a broker that is away signs nobody out.
SESSION_ENGINE = "cluster_portal.accounts.sessions"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "cluster_portal.web.errors.csrf_failure"
if HTTPS:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS, SECURE_HSTS_INCLUDE_SUBDOMAINS = 365 * 86400, True
    SECURE_REDIRECT_EXEMPT = [r"^health/"]
    if TRUSTED_PROXIES:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["cluster_portal.accounts.backends.Backend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "CommonPasswordValidator", "NumericPasswordValidator")
] + [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    }
]
LOGIN_URL, LOGIN_REDIRECT_URL, LOGOUT_REDIRECT_URL = "account_login", "pages:desk", "pages:home"
ACCOUNT_ADAPTER = "cluster_portal.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
# Wrong passwords and codes are counted in the database (accounts.adapter); these are only for the forms as such.
ACCOUNT_RATE_LIMITS = {"login": "300/m/ip", "login_failed": "300/15m/ip"}
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
MFA_ADAPTER = "cluster_portal.accounts.adapter.MFAAdapter"
MFA_FORMS = {
    "authenticate": "cluster_portal.accounts.forms.AuthenticateForm",
    "reauthenticate": "cluster_portal.accounts.forms.ReauthenticateForm",
}
MFA_TOTP_ISSUER = "Medical cluster"

LANGUAGE_CODE = "ru"
LANGUAGES = [("ru", "Русский"), ("kk", "Қазақша"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "language"
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ, TIME_ZONE = True, "UTC"

STATIC_URL, STATIC_ROOT = "/static/", env.path("STATIC_ROOT", DATA_DIR / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "cluster_portal.ops.storage.CollectedStorage"
        if not DEBUG
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
# Source maps are for developers: they are served as they are, compressing them would double the first start.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [*WhiteNoiseCompressor.SKIP_COMPRESS_EXTENSIONS, "map"]
MEDIA_ROOT = DATA_DIR / "files"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 20
# What the portal would refuse anyway does not reach the disk.
FILE_UPLOAD_HANDLERS = [
    "cluster_portal.files.handlers.LimitedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "cluster_portal.files.handlers.UnnamedUpload",
]
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o600, 0o700
# clamd looks through every file that people send: tcp://host:3310 or unix:///run/clamav/clamd.ctl.
CLAMD = env.str("CLAMD", "")

X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "cluster_portal.api.authentication.ClientAuthentication",
        "cluster_portal.api.authentication.PersonAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["cluster_portal.api.permissions.ScopedAccess"],
    "DEFAULT_RENDERER_CLASSES": ["cluster_portal.api.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["cluster_portal.api.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "cluster_portal.api.pagination.KeysetPagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_THROTTLE_CLASSES": ["cluster_portal.api.throttling.ClientThrottle"],
    "DEFAULT_SCHEMA_CLASS": "cluster_portal.api.schema.AutoSchema",
    "EXCEPTION_HANDLER": "cluster_portal.api.exceptions.handle",
    "DEFAULT_VERSION": "v1",
    # `format` is a word of programmes; what is answered is asked for by Accept alone.
    "URL_FORMAT_OVERRIDE": None,
    "NUM_PROXIES": TRUSTED_PROXIES,
    "UNAUTHENTICATED_USER": None,
}
OAUTH2_PROVIDER_APPLICATION_MODEL = "accounts.ApiClient"
OAUTH2_PROVIDER = {
    # Client credentials and nothing else: the server class knows no other grant.
    "OAUTH2_SERVER_CLASS": "oauthlib.oauth2.BackendApplicationServer",
    "OAUTH2_VALIDATOR_CLASS": "cluster_portal.api.oauth.Validator",
    "SCOPES_BACKEND_CLASS": "cluster_portal.api.scopes.ScopesBackend",
    "ACCESS_TOKEN_EXPIRE_SECONDS": 15 * 60,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
}
# Requests a minute: of one API client or person; of one address without sign-in; of one address for tokens.
API_REQUESTS_PER_MINUTE = env.int("API_REQUESTS_PER_MINUTE", 1200)
API_ANONYMOUS_REQUESTS_PER_MINUTE = env.int("API_ANONYMOUS_REQUESTS_PER_MINUTE", 120)
OAUTH_REQUESTS_PER_MINUTE = env.int("OAUTH_REQUESTS_PER_MINUTE", 120)
SPECTACULAR_SETTINGS = {
    "TITLE": "Medical cluster API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": r"/api/v1/",
    "SERVERS": [{"url": "/"}],
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SORT_OPERATIONS": True,
    "GET_LIB_DOC_EXCLUDES": "cluster_portal.api.schema.our_bases",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "cluster_portal.api.schema.introduce",
        "cluster_portal.api.schema.name_alike",
    ],
    # Names of choices that several resources have under one field's name.
    "ENUM_NAME_OVERRIDES": {
        "ActorKindEnum": ["user", "client"],
        "AssessmentKindEnum": "training.states.AssessmentKind",
        "BookingStateEnum": "patients.states.BookingState",
        "ChangeStateEnum": "clinics.states.ChangeState",
        "ConsentKindEnum": "patients.states.ConsentKind",
        "PaymentEnum": "clinics.states.Payment",
        "ImportStateEnum": "cluster_portal.imports.states.ImportState",
        "DirectionEnum": "clinics.states.Direction",
        "EquipmentStateEnum": "clinics.states.EquipmentState",
        "ExpenseKindEnum": "training.states.ExpenseKind",
        "FileFormatEnum": "cluster_portal.files.formats.Format",
        "FormatEnum": ["csv", "json", "pdf", "xlsx"],
        "FileKindEnum": "patients.states.FileKind",
        "LicenceStatusEnum": "clinics.states.LicenceStatus",
        "MethodKindEnum": "clinics.states.MethodKind",
        "OrganizationStatusEnum": "clinics.states.OrganizationStatus",
        "ReferralStateEnum": "patients.states.ReferralState",
        "RoomKindEnum": "clinics.states.RoomKind",
        "SlotStateEnum": "clinics.states.SlotState",
        "GradeEnum": "training.states.Grade",
        "IntakeStateEnum": "training.states.IntakeState",
        "TeachingRoomKindEnum": "training.states.HallKind",
        "RoomBookingStateEnum": "training.states.RoomBookingState",
        "NominationStateEnum": "training.states.NominationState",
        "FundingEnum": "clinics.states.Funding",
        "RoadmapFundingEnum": "investors.states.Funding",
        "RoadmapStateEnum": "investors.states.RoadmapState",
        "GroupRoleEnum": "investors.group_states.GroupRole",
        "MeetingStateEnum": "investors.group_states.MeetingState",
        "TaskStateEnum": "investors.group_states.TaskState",
        "TenderStateEnum": "investors.states.TenderState",
        "BidStateEnum": "investors.states.BidState",
        "AwardStateEnum": "investors.states.AwardState",
        "EvaluatorStateEnum": "investors.states.EvaluatorState",
        "PlotDirectionEnum": "investors.states.Direction",
        "PlotDocumentKindEnum": "investors.states.DocumentKind",
        "PlotStateEnum": "investors.states.PlotState",
        "InvestorStateEnum": "investors.states.InvestorState",
        "InvestorDocumentKindEnum": "investors.states.InvestorDocumentKind",
        "ProjectStateEnum": "investors.project_states.ProjectState",
        "MilestoneStateEnum": "investors.project_states.MilestoneState",
        "ProjectFundingKindEnum": "investors.project_states.FundingKind",
        "AgreementStateEnum": "investors.states.AgreementState",
        "InterestStateEnum": "investors.states.InterestState",
        "InvestorRoleEnum": "investors.states.MemberRole",
        "UtilityKindEnum": "investors.states.UtilityKind",
        "ProgrammeFormatEnum": "training.states.Format",
        "ProgrammeStateEnum": "training.states.ProgrammeState",
        "SpecialistStateEnum": "training.states.SpecialistState",
        "TravelPaperKindEnum": "training.states.PaperKind",
        "WebhookDeliveryStateEnum": "cluster_portal.webhooks.states.DeliveryState",
        "UpkeepKindEnum": "clinics.states.UpkeepKind",
    },
}

CELERY_BROKER_URL = REDIS_URL
# The relay may be told at once that there is work; tests switch it off and run the relay themselves.
OUTBOX_NUDGE = env.bool("OUTBOX_NUDGE", default=True)
# The pulse of a running job, from a connection of its own; tests that stay in one transaction switch it off.
JOBS_PULSE = env.bool("JOBS_PULSE", default=True)

LOGGING = portal_logging.configuration(env.str("LOG_LEVEL", "INFO"))

EMAIL_BACKEND = env.str(
    "EMAIL_BACKEND",
    "django.core.mail.backends.smtp.EmailBackend"
    if env.is_set("EMAIL_HOST")
    else "django.core.mail.backends.filebased.EmailBackend",
)
EMAIL_FILE_PATH = DATA_DIR / "mail"
EMAIL_HOST, EMAIL_PORT = env.str("EMAIL_HOST", ""), env.int("EMAIL_PORT", 587)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_USER", ""), env.str("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS, EMAIL_TIMEOUT = env.bool("EMAIL_USE_TLS", default=True), 15
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "portal@localhost")
PUBLIC_URL = env.str("PUBLIC_URL", "http://localhost:8000")

# How long a slot is kept for a user while the patient is asked.
HOLD_MINUTES = env.int("HOLD_MINUTES", 10)
# Within so many working days a specialist of another clinic should answer a question.
ADVICE_WORKING_DAYS = env.int("ADVICE_WORKING_DAYS", 3)
# How long "breaking the glass" opens a patient's record.
EMERGENCY_ACCESS_HOURS = env.int("EMERGENCY_ACCESS_HOURS", 24)
# The least that a tender leaves: days for questions, for bids from its announcement, for bids after its terms were
# changed, between the award and the contract.
TENDER_QUESTION_DAYS = env.int("TENDER_QUESTION_DAYS", 5)
TENDER_BID_DAYS = env.int("TENDER_BID_DAYS", 30)
TENDER_EXTENSION_DAYS = env.int("TENDER_EXTENSION_DAYS", 7)
TENDER_STANDSTILL_DAYS = env.int("TENDER_STANDSTILL_DAYS", 10)
# The publisher's prefix in open contracting data (OCDS); the default is the standard's own example.
OCDS_PREFIX = env.str("OCDS_PREFIX", "ocds-213czf")
# The same of projects (OC4IDS).
OC4IDS_PREFIX = env.str("OC4IDS_PREFIX", "oc4ids-bu3kcz")
# The portal's part of the keys of sealed bids; it must outlive the tenders that are on. Without it SECRET_KEY serves.
BID_KEY = env.str("BID_KEY", "")
# Whether webhooks may go to private networks, and without TLS: for receivers that stand beside the portal.
WEBHOOK_PRIVATE_NETWORKS = env.bool("WEBHOOK_PRIVATE_NETWORKS", default=False)
SITE_NAME = _("Medical cluster")
