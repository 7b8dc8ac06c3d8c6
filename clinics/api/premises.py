"""What a site consists of, by REST: rooms, beds, photographs, and the sites that it works with.

Every member reads it; rooms, beds and photographs are written by the clinic's manager, its own program and the office,
links by the office.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters as filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from clinics.models import BedCount, ClinicLink, ClinicPhoto, Room
from clinics.policies import bed_policy, link_policy, photo_policy, room_policy
from clinics.selectors.premises import rooms_with_closures, see_photo
from clinics.services import premises as services
from clinics.services.room_closures import close_room, reopen_room
from clinics.states import BedProfile, RoomKind
from cluster_portal.api.files import SCANNER_AWAY, UploadField, content_of
from cluster_portal.api.filters import DayFilter, MomentFilter
from cluster_portal.api.serializers import (
    DateTimeField,
    InputSerializer,
    OutputSerializer,
    TranslatedField,
    Translations,
)
from cluster_portal.api.views import PolicyViewSet
from cluster_portal.files.formats import MEGABYTE, Format
from cluster_portal.files.responses import download

if TYPE_CHECKING:
    from django.http import FileResponse
    from rest_framework.request import Request

_CLOSURE = r"closures/(?P<closure>[^/.]+)"
_CLOSURE_ID = OpenApiParameter("closure", OpenApiTypes.UUID, "path", description=_("The closure's id."))


class ClosureSerializer(OutputSerializer):
    """Days on which nobody is seen in a room, both inclusive."""

    id = serializers.UUIDField()
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    reason = serializers.CharField()


class ClosureInput(InputSerializer):
    """With `keep_booked` booked times stay until their patients are moved; without it they are 409 `stranded_bookings`
    with `slots`, and nothing is closed.
    """

    first_day = serializers.DateField()
    last_day = serializers.DateField()
    reason = serializers.CharField(max_length=300)
    keep_booked = serializers.BooleanField(required=False, default=False)


class RoomSerializer(OutputSerializer):
    """A room of a site (FHIR Location), in use from `opened_on` to `closed_on`; null has no end."""

    id = serializers.UUIDField()
    clinic = serializers.UUIDField(source="clinic_id")
    number = serializers.CharField()
    name = serializers.CharField()
    names = TranslatedField(source="name")
    kind = serializers.ChoiceField(RoomKind.choices)
    opened_on = serializers.DateField(allow_null=True)
    closed_on = serializers.DateField(allow_null=True)
    closures = ClosureSerializer(many=True)
    updated_at = DateTimeField()


class RoomChange(InputSerializer):
    """What is on record of a room; fields that are not sent stay as they are."""

    number = serializers.CharField(max_length=20)
    name = Translations(120, required=False, allow_blank=True)
    kind = serializers.ChoiceField(RoomKind.choices, required=False)
    opened_on = serializers.DateField(required=False, allow_null=True)
    closed_on = serializers.DateField(required=False, allow_null=True)


class RoomInput(RoomChange):
    """A room to enter."""

    clinic = serializers.UUIDField()


class RoomUpdate(RoomChange):
    """`keep_booked` closes the free times after the last day, where booked ones are in the way."""

    keep_booked = serializers.BooleanField(required=False, default=False)


class BedsSerializer(OutputSerializer):
    """How many beds of a profile a site has from a day on, until the next row of that profile."""

    id = serializers.UUIDField()
    clinic = serializers.UUIDField(source="clinic_id")
    profile = serializers.ChoiceField(BedProfile.choices)
    beds = serializers.IntegerField()
    valid_from = serializers.DateField()
    updated_at = DateTimeField()


class BedsInput(InputSerializer):
    clinic = serializers.UUIDField()
    profile = serializers.ChoiceField(BedProfile.choices)
    beds = serializers.IntegerField(min_value=0, max_value=32767)
    valid_from = serializers.DateField()


class LinkSerializer(OutputSerializer):
    """The hub takes what the spoke cannot do, and lends it its specialists."""

    id = serializers.UUIDField()
    hub = serializers.UUIDField(source="hub_id")
    spoke = serializers.UUIDField(source="spoke_id")
    updated_at = DateTimeField()


class LinkInput(InputSerializer):
    hub = serializers.UUIDField()
    spoke = serializers.UUIDField()


class PhotoSerializer(OutputSerializer):
    """A photograph of a site; `sha256` and `size` are of what is given out."""

    id = serializers.UUIDField()
    clinic = serializers.UUIDField(source="clinic_id")
    caption = serializers.CharField()
    captions = TranslatedField(source="caption")
    position = serializers.IntegerField()
    format = serializers.ChoiceField(Format.choices)
    size = serializers.IntegerField(help_text=_("Bytes."))
    sha256 = serializers.CharField()
    updated_at = DateTimeField()


class PhotoInput(InputSerializer):
    clinic = serializers.UUIDField()
    file = UploadField(
        help_text=_("JPEG or PNG, up to %(n)s MB. Where and when it was taken is left out.")
        % {"n": ClinicPhoto.LARGEST // MEGABYTE},
    )  # fmt: skip
    caption = Translations(200)


class _OfClinic(filters.FilterSet):
    """What all of it is narrowed by."""

    clinic = filters.UUIDFilter(field_name="clinic_id")
    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte")


class RoomFilter(_OfClinic):
    """Filters of rooms."""

    number = filters.CharFilter(max_length=20)
    kind = filters.MultipleChoiceFilter(choices=RoomKind.choices)

    class Meta:
        model = Room
        fields: list[str] = []


class BedsFilter(_OfClinic):
    """Filters of numbers of beds."""

    profile = filters.MultipleChoiceFilter(choices=BedProfile.choices)
    valid_from = DayFilter(field_name="valid_from", lookup_expr="gte")
    valid_to = DayFilter(field_name="valid_from", lookup_expr="lte")

    class Meta:
        model = BedCount
        fields: list[str] = []


class LinkFilter(filters.FilterSet):
    """Filters of links."""

    hub = filters.UUIDFilter(field_name="hub_id")
    spoke = filters.UUIDFilter(field_name="spoke_id")
    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = ClinicLink
        fields: list[str] = []


class PhotoFilter(_OfClinic):
    """Filters of photographs."""

    class Meta:
        model = ClinicPhoto
        fields: list[str] = []


@extend_schema(tags=["clinics"])
class RoomViewSet(PolicyViewSet):
    """Rooms of the clinics."""

    required_scope = "clinics"
    policy = room_policy
    selector = staticmethod(rooms_with_closures)
    serializer_class = RoomSerializer
    filterset_class = RoomFilter

    @extend_schema(request=RoomInput, responses={201: RoomSerializer})
    def create(self, request: Request) -> Response:
        """Enter a room."""
        data = self.validated(RoomInput)
        made = services.create_room(self.actor, clinic_id=data.pop("clinic"), data=data)
        return self.respond(self.find(made.pk), status=201)

    @extend_schema(request=RoomUpdate)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change a room, or end it by `closed_on`: patterns and times there say its new number, free times after its
        last day close; booked ones are refused as `stranded_bookings` unless `keep_booked` is sent.
        """
        data = self.validated(RoomUpdate, partial=True)
        keep = data.pop("keep_booked", False)
        self.call(services.update_room, "room_id", data=data, keep_booked=keep)
        return self.respond(self.find(pk))

    @extend_schema(request=ClosureInput, responses={201: ClosureSerializer})
    @action(detail=True, methods=["post"], url_path="closures", url_name="closures")
    def close(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Close the room on some days: free times close, no new ones come."""
        made = self.call(close_room, "room_id", **self.validated(ClosureInput))
        return Response(ClosureSerializer(made).data, status=201)

    @extend_schema(parameters=[_CLOSURE_ID], request=None, responses={204: None})
    @action(detail=True, methods=["delete"], url_path=_CLOSURE, url_name="closure")
    def reopen(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take a closure back: what it closed opens, as far as the patterns still ask for it."""
        self.call(reopen_room, "room_id", closure_id=self.kwargs["closure"])
        return Response(status=204)


@extend_schema(tags=["clinics"])
class BedsViewSet(PolicyViewSet):
    """Beds of the clinics by profile, with their history."""

    required_scope = "clinics"
    policy = bed_policy
    serializer_class = BedsSerializer
    filterset_class = BedsFilter

    @extend_schema(request=BedsInput, responses={201: BedsSerializer})
    def create(self, request: Request) -> Response:
        """From a day on there are so many beds of a profile; the same day again corrects its row."""
        data = self.validated(BedsInput)
        row = services.set_beds(self.actor, clinic_id=data.pop("clinic"), **data)
        return self.respond(self.find(row.pk), status=201)


@extend_schema(tags=["clinics"])
class LinkViewSet(PolicyViewSet):
    """Hubs and their spokes."""

    required_scope = "clinics"
    policy = link_policy
    serializer_class = LinkSerializer
    filterset_class = LinkFilter

    @extend_schema(request=LinkInput, responses={201: LinkSerializer})
    def create(self, request: Request) -> Response:
        """Link two clinics; the office only. Links never lead in a circle."""
        data = self.validated(LinkInput)
        made = services.link_clinics(self.actor, hub_id=data["hub"], spoke_id=data["spoke"])
        return self.respond(self.find(made.pk), status=201)

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """The two no longer work together so; the office only."""
        self.call(services.unlink_clinics, "link_id")
        return Response(status=204)


@extend_schema(tags=["clinics"])
class PhotoViewSet(PolicyViewSet):
    """Photographs of the clinics."""

    required_scope = "clinics"
    policy = photo_policy
    serializer_class = PhotoSerializer
    filterset_class = PhotoFilter
    parser_classes = [MultiPartParser]

    @extend_schema(
        request={"multipart/form-data": PhotoInput},
        responses={201: PhotoSerializer, **SCANNER_AWAY},
    )
    def create(self, request: Request) -> Response:
        """Add a photograph: it is checked, and looked at by the virus scanner."""
        data = self.validated(PhotoInput)
        clinic, upload = data.pop("clinic"), data.pop("file")
        made = services.add_photo(self.actor, clinic_id=clinic, upload=upload, caption=data)
        return self.respond(self.find(made.pk), status=201)

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Take a photograph away."""
        self.call(services.remove_photo, "photo_id")
        return Response(status=204)

    @extend_schema(
        request=None,
        responses=content_of(services.PICTURES),
        filters=False,
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def file(self, request: Request, *args: Any, **kwargs: Any) -> FileResponse:
        """The picture itself."""
        return download(see_photo(self.actor, self.kwargs["pk"]))
