"""Files in the envelopes of bids: sealed as the words are, read by their company, opened with the envelope."""

from __future__ import annotations

import hashlib
import json
import tracemalloc
from datetime import timedelta
from io import BytesIO

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.db import transaction

from cluster_portal.common.errors import Forbidden, IllegalTransition, NotFound
from cluster_portal.files.errors import ContentGone, FileRefused
from cluster_portal.files.storage import sweep
from investors import sealing
from investors.errors import BiddingClosed, TooManyBidFiles
from investors.models import SealedFile
from investors.services import bid_files, bids, evaluation, opening
from investors.services import tenders as services
from tests.factories import clinics as make
from tests.factories import investors as rows
from tests.files import samples
from tests.investors.services.test_bids import (
    ELIGIBILITY,
    OFFER,
    company,
    during_bids,
    everything_in_the_database,
    officials,
    tender,
)

__all__ = ["company", "officials", "tender"]

pytestmark = pytest.mark.django_db

NAME, PLANTED = "Смета Ноготкова.pdf", b"Kedrovy Stlanik 41234567.89"


def paper(name=NAME, words=PLANTED):
    return samples.upload(name, samples.pdf(b"/Title (" + words + b") "))


def submit(company, tender, *, eligibility=(), offer=()):
    return bid_files.submit_with_files(
        company.actor, tender_id=tender.pk, investor_id=company.pk, eligibility=ELIGIBILITY, offer=OFFER,
        uploads={"eligibility": list(eligibility), "offer": list(offer)},
    )  # fmt: skip


def content(actor, file):
    return b"".join(bid_files.see_file(actor, file.id).pieces)


def open_all(tender, officials):
    with time_machine.travel(tender.opening_at, tick=False):
        for official, code in zip(officials[:2], tender.codes, strict=False):
            opening.confirm_opening(official, tender_id=tender.pk, code=code)


def test_nothing_of_a_file_is_in_the_database_the_storage_or_the_log(company, tender, officials, caplog):
    with during_bids(tender):
        bid = submit(company, tender, eligibility=[paper("Лицензия Ноготкова.pdf")], offer=[paper()])
        first = bid.digest
        bid = bid_files.attach_files(
            company.actor,
            bid_id=bid.pk,
            envelope="offer",
            uploads=[samples.upload("расчёт.xlsx", samples.xlsx())],
        )
        assert bid.digest != first
    files = bid_files.files_of(company.actor, bid)
    assert [(one.kind, one.name) for one in files] == [
        ("eligibility", "Лицензия Ноготкова.pdf"), ("offer", NAME), ("offer", "расчёт.xlsx"),
    ]  # fmt: skip
    dump = everything_in_the_database()
    stored = b"".join(
        default_storage.open(path).read() for path in SealedFile.objects.values_list("path", flat=True)
    )
    for word in ("Ноготков", "расчёт", *(one.sha256 for one in files)):
        assert word not in dump and word.encode().hex() not in dump and word not in caplog.text
    for planted in (PLANTED, b"%PDF-", b"PK\x03\x04", NAME.encode()):
        assert planted not in stored and planted.hex() not in dump
    # All sizes look alike.
    assert {default_storage.size(path) for path in SealedFile.objects.values_list("path", flat=True)} == {
        sealing.PIECE + sealing.TAG
    }
    for actor in (*officials, rows.actor_of(rows.make_investor()), make.make_actor("manager")):
        with pytest.raises(NotFound):
            bid_files.see_file(actor, files[0].id)
        with pytest.raises(NotFound):
            bid_files.remove_file(actor, file_id=files[0].id)
    # Its company reads it, and the receipt is of it.
    assert PLANTED in content(company.actor, files[1])
    _bid, texts = bids.read_bid(company.actor, bid.pk)
    assert hashlib.sha256(bids.whole(texts)).hexdigest() == bid.digest
    told = json.loads(texts["offer"])["files"][0]
    assert (
        told["sha256"] == hashlib.sha256(content(company.actor, files[1])).hexdigest()
        and told["name"] == NAME
    )


def test_files_are_replaced_and_taken_out_until_the_last_instant(
    company, tender, django_capture_on_commit_callbacks
):
    with during_bids(tender):
        bid = submit(company, tender, offer=[paper()])
        [was] = bid_files.files_of(company.actor, bid)
        # Sent twice, and then another one of the same name.
        for words in (PLANTED, b"other"):
            bid = submit(company, tender, offer=[paper(words=words)])
            [file] = bid_files.files_of(company.actor, bid)
            assert words in content(company.actor, file)
        assert file.id != was.id and SealedFile.objects.count() == 1
        digest = bid.digest
        # New words keep the files.
        bid = bids.replace_bid(
            company.actor, bid_id=bid.pk, eligibility=ELIGIBILITY, offer=OFFER | {"jobs": 1}
        )
        assert bid_files.files_of(company.actor, bid) == [file] and bid.digest != digest
        bid = bid_files.remove_file(company.actor, file_id=file.id)
        assert bid_files.files_of(company.actor, bid) == [] and not SealedFile.objects.exists()
        bid = submit(company, tender, offer=[paper()])
    [file] = bid_files.files_of(company.actor, bid)
    with time_machine.travel(tender.bids_until, tick=False):
        for late in (
            lambda: bid_files.remove_file(company.actor, file_id=file.id),
            lambda: bid_files.attach_files(company.actor, bid_id=bid.pk, envelope="offer", uploads=[paper()]),
        ):
            with pytest.raises(BiddingClosed), transaction.atomic():
                late()
        assert PLANTED in content(company.actor, file)
    assert SealedFile.objects.count() == 1


def test_what_is_refused_names_the_file_at_the_field_of_its_envelope(company, tender, monkeypatch):
    monkeypatch.setattr(SealedFile, "MOST", 2)
    with during_bids(tender):
        for bad, reason in (
            (samples.upload("план.pdf", b"no"), "content"), (samples.upload("план.exe", b"MZ"), "ending"),
            (samples.upload("план.pdf", b""), "empty"),
        ):  # fmt: skip
            with pytest.raises(FileRefused) as refused:
                submit(company, tender, offer=[paper(), bad])
            assert (refused.value.reason, set(refused.value.errors)) == (reason, {"offer_files"})
            assert "план" in str(refused.value.errors["offer_files"])
        with pytest.raises(TooManyBidFiles) as refused, transaction.atomic():
            submit(company, tender, eligibility=[paper(f"{n}.pdf") for n in range(3)])
        assert set(refused.value.errors) == {"eligibility_files"}
    assert not SealedFile.objects.exists() and not company.bids.exists()


def test_a_withdrawn_bid_takes_no_files_and_one_to_be_confirmed_stays_so(company, tender, officials):
    with during_bids(tender):
        bid = submit(company, tender, offer=[paper()])
        later = tender.bids_until + timedelta(days=9)
        services.change_terms(
            officials[0], tender_id=tender.pk, reason_ru="Срок", reason_en="Time",
            data={"bids_until": later, "opening_at": later, "evaluation_until": later + timedelta(days=20)},
        )  # fmt: skip
        bid = bid_files.attach_files(company.actor, bid_id=bid.pk, envelope="offer", uploads=[paper("2.pdf")])
        assert (bid.state, bid.version) == ("stale", 1)
        bids.withdraw_bid(company.actor, bid_id=bid.pk)
        with pytest.raises(IllegalTransition), transaction.atomic():
            bid_files.attach_files(company.actor, bid_id=bid.pk, envelope="offer", uploads=[paper("3.pdf")])


def test_the_second_envelope_is_read_once_the_first_was_good_enough(company, tender, officials):
    gone = rows.make_investor()
    gone.actor = rows.actor_of(gone)
    with during_bids(tender):
        bid = submit(company, tender, eligibility=[paper("право.pdf")], offer=[paper()])
        back = submit(gone, tender, eligibility=[paper("отозвано.pdf")])
        bids.withdraw_bid(gone.actor, bid_id=back.pk)
    first, second = bid_files.files_of(company.actor, bid)
    land = officials[0]
    open_all(tender, officials)
    [withdrawn] = bid_files.files_of(gone.actor, back)
    assert SealedFile.objects.get(pk=withdrawn.id).opened_key is None
    with pytest.raises(NotFound):
        bid_files.see_file(land, withdrawn.id)
    bid.refresh_from_db()
    assert bid_files.files_of(land, bid) == [first] and "offer" not in bids.contents_of(land, bid)
    assert PLANTED in content(land, first)
    with pytest.raises(NotFound):
        bid_files.see_file(land, second.id)
    with time_machine.travel(tender.opening_at + timedelta(hours=1), tick=False):
        evaluation.qualify_bid(land, bid_id=bid.pk, reason="Лицензия есть")
        bid.refresh_from_db()
        assert bid_files.files_of(land, bid) == [first, second] and PLANTED in content(land, second)
        # Who is to judge reads nothing before saying that no conflict stands in the way.
        judge = make.make_member("analyst", user=None)
        evaluator = evaluation.name_evaluator(land, tender_id=tender.pk, email=judge.email)
        judging = rows.resolve_actor(user=judge)
        with pytest.raises(NotFound):
            bid_files.see_file(judging, second.id)
        evaluation.declare_no_conflict(judging, evaluator_id=evaluator.pk)
        assert PLANTED in content(judging, second)
        evaluation.disqualify_bid(land, bid_id=bid.pk, reason="Лицензии нет")
        with pytest.raises(NotFound):
            bid_files.see_file(land, second.id)
    assert PLANTED in content(company.actor, second) and content(gone.actor, withdrawn)
    with pytest.raises(Forbidden):
        bid_files.remove_file(land, file_id=first.id)
    with pytest.raises(Exception, match="opened"), transaction.atomic():
        SealedFile.objects.filter(pk=first.id).delete()


def test_a_spoilt_or_lost_content_is_told_in_words(company, tender):
    with during_bids(tender):
        [file] = bid_files.files_of(company.actor, submit(company, tender, offer=[paper()]))
    path = SealedFile.objects.get().path
    whole = default_storage.open(path).read()
    for spoilt in (whole[:-1], whole[:9] + bytes([whole[9] ^ 1]) + whole[10:], b""):
        with open(default_storage.path(path), "wb") as out:  # noqa: PTH123 - past the storage
            out.write(spoilt)
        with pytest.raises(ContentGone):
            bid_files.see_file(company.actor, file.id)
    default_storage.delete(path)
    with pytest.raises(ContentGone):
        bid_files.see_file(company.actor, file.id)


def test_the_sweep_of_orphans_knows_them(company, tender):
    with during_bids(tender):
        submit(company, tender, offer=[paper()])
    with time_machine.travel(timedelta(days=2)):
        assert sweep() == 0
    assert default_storage.exists(SealedFile.objects.get().path)


@pytest.mark.parametrize("size", [1, sealing.PIECE - 1, sealing.PIECE, sealing.PIECE + 1, 3 * sealing.PIECE])
def test_a_stream_comes_back_and_none_of_its_pieces_can_be_moved(size):
    key, plain = sealing.new_key(), bytes(i % 251 for i in range(size))
    boxes = list(sealing.encrypt_stream(key, (plain[at : at + 1000] for at in range(0, size, 1000))))
    assert {len(box) for box in boxes} == {sealing.PIECE + sealing.TAG}
    assert b"".join(sealing.decrypt_stream(key, BytesIO(b"".join(boxes)), size)) == plain
    spoilt = [(sealing.new_key(), boxes), (key, boxes[:-1]), (key, [*boxes[:-1], boxes[-1][::-1]])]
    if len(boxes) > 1:
        spoilt += [(key, boxes[::-1]), (key, [boxes[0], *boxes])]
    for other, changed in spoilt:
        with pytest.raises(sealing.Unreadable):
            list(sealing.decrypt_stream(other, BytesIO(b"".join(changed)), size))
    if size > sealing.PIECE:
        # Cut off, and told shorter: the last piece is bound to being the last.
        with pytest.raises(sealing.Unreadable):
            list(sealing.decrypt_stream(key, BytesIO(boxes[0]), sealing.PIECE))


def test_twenty_megabytes_pass_in_small_pieces():
    key, piece = sealing.new_key(), bytes(64 * 1024)
    tracemalloc.start()
    boxes = sealing.encrypt_stream(key, (piece for _ in range(320)))
    sizes = sum(len(box) for box in boxes)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sizes > 20 * 1024 * 1024 and peak < 4 * 1024 * 1024
