"""Finding records that may be the same person, and deciding that they are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from cluster_portal.common.background import enqueue
from cluster_portal.common.errors import IllegalTransition, Invalid
from cluster_portal.common.service import service
from patients.events import FIND_DUPLICATES
from patients.models import DuplicatePair, MergeProposal
from patients.policies import duplicate_policy
from patients.services.proposals import answer_proposals
from patients.states import PairSign, PairState, ProposalState

if TYPE_CHECKING:
    import uuid

    from cluster_portal.common.actor import Actor

#: From which likeness of the full names (pg_trgm, 0–1) a sign speaks for one person. A document is the person's own:
#: there the names only have to be of one family or of one person who has married.
ALIKE = {PairSign.NAME: 0.55, PairSign.DOCUMENT: 0.25, PairSign.POLICY: 0.35, PairSign.PHONE: 0.6}

#: Records that share something rare, by what they share; each is an index or one hash join, never all with all. That
#: neither side is empty is said of both: most are, and the planner would expect millions of pairs of the empty ones.
_SHARED = {
    PairSign.NAME: "a.birth_date = b.birth_date",
    PairSign.DOCUMENT: (
        "a.document_number <> '' AND upper(regexp_replace(a.document_number, '\\W', '', 'g')) ="
        " upper(regexp_replace(b.document_number, '\\W', '', 'g')) AND b.document_number <> ''"
        " AND a.document_country = b.document_country"
    ),
    PairSign.POLICY: "a.dms_policy <> '' AND b.dms_policy <> '' AND a.dms_policy = b.dms_policy",
    PairSign.PHONE: (
        "a.phone <> '' AND b.phone <> '' AND right(regexp_replace(a.phone, '\\D', '', 'g'), 10) ="
        " right(regexp_replace(b.phone, '\\D', '', 'g'), 10)"
    ),
}  # fmt: skip

# Two numbers of one kind with good check digits are two people, whatever their names; a shared document outweighs it.
_FIND = """
INSERT INTO patients_duplicatepair
       (id, first_id, second_id, alike, signs, state, is_proposed, created_at, updated_at)
SELECT gen_random_uuid(), first_id, second_id, max(alike), array_agg(DISTINCT sign ORDER BY sign), 'open', false,
       now(), now()
  FROM ({parts}) AS found
 GROUP BY first_id, second_id
ON CONFLICT (first_id, second_id) DO UPDATE
   SET alike = excluded.alike, signs = excluded.signs, updated_at = now()
 WHERE patients_duplicatepair.state = 'open'
   AND (patients_duplicatepair.alike, patients_duplicatepair.signs) IS DISTINCT FROM (excluded.alike, excluded.signs)
RETURNING (xmax = 0)
"""
_PART = """
SELECT a.id AS first_id, b.id AS second_id, similarity(a.sort_name, b.sort_name) AS alike, '{sign}' AS sign
  FROM patients_patient a JOIN patients_patient b ON a.id < b.id AND {shared}
 WHERE a.merged_into_id IS NULL AND b.merged_into_id IS NULL AND a.sex = b.sex
   AND similarity(a.sort_name, b.sort_name) >= {alike} {unlike}
"""
_UNLIKE = """
   AND NOT (a.snils <> '' AND b.snils <> '' AND a.snils <> b.snils)
   AND NOT (a.iin <> '' AND b.iin <> '' AND a.iin <> b.iin)
"""


@service
def find_duplicates(actor: Actor) -> int:
    """Look through all records for those that may be one person. Returns how many pairs are new.

    Pairs that were decided on are left alone; those whose records no longer look alike stay until somebody decides.
    """
    duplicate_policy.require(actor, "search")
    parts = [
        _PART.format(
            sign=sign.value,
            shared=_SHARED[sign],
            alike=alike,
            unlike="" if sign == PairSign.DOCUMENT else _UNLIKE,
        )
        for sign, alike in ALIKE.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(_FIND.format(parts=" UNION ALL ".join(parts)))
        return sum(new for (new,) in cursor.fetchall())


@service
def ask_for_duplicates(actor: Actor) -> None:
    """Have them looked for in the background, now rather than tonight."""
    duplicate_policy.require(actor, "search")
    enqueue(FIND_DUPLICATES, {})


@service
def dismiss_pair(actor: Actor, *, pair_id: uuid.UUID, answer: str = "") -> DuplicatePair:
    """Say that the two records are two people; `answer` is for the clinics that took them for one.

    Raises NotFound, IllegalTransition where it was decided already, and Invalid where a clinic waits for the words.
    """
    pair = duplicate_policy.get(actor, "decide", pair_id, lock=True)
    if pair.state != PairState.OPEN:
        raise IllegalTransition
    if pair.is_proposed and not answer.strip():
        raise Invalid({"answer": [_("A clinic has proposed to merge them. Please tell it why not.")]})
    if len(answer.strip()) > MergeProposal.LONGEST:
        raise Invalid(
            {"answer": [_("The message is longer than %(n)s characters.") % {"n": MergeProposal.LONGEST}]}
        )
    answer_proposals(pair, ProposalState.DECLINED, answer)
    pair.state, pair.decided_at, pair.decided_by_id = PairState.DISMISSED, timezone.now(), actor.user_id
    pair.save(update_fields=["state", "is_proposed", "decided_at", "decided_by", "updated_at"])
    return pair
