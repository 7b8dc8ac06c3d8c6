"""Files of questions to specialists: sent with a line of the thread, given out, taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cluster_portal.audit.services import record_access
from cluster_portal.common.service import service
from cluster_portal.files.storage import drop_content, forget, kept
from patients.errors import AdviceFileSeen
from patients.policies import advice_file_policy, advice_policy, patient_policy
from patients.selectors.advice import see_advice_file
from patients.services.advice import answer_advice, ask_advice, ask_again

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Sequence

    from django.core.files.uploadedfile import UploadedFile

    from cluster_portal.common.actor import Actor
    from cluster_portal.files.storage import Kept
    from patients.models import Advice, AdviceFile, AdvicePost

FIELD = "files"


def ask_with_files(
    actor: Actor, *, patient_id: uuid.UUID, files: Sequence[UploadedFile] = (), **question: Any
) -> Advice:
    """Ask, with examinations and images beside the question: all of it is written, or nothing.

    The checks and the virus scan come before the transaction, so nobody waits for them; strangers are turned away
    before that. Raises what `ask_advice` does, and FileRefused, ScannerAway, AlreadyAttached and TooManyFiles at
    `files`.
    """
    advice_policy.require(actor, "create")
    patient_policy.get(actor, "refer", patient_id)
    with kept(files, field=FIELD) as found:
        advice = ask_advice(actor, patient_id=patient_id, files=found, **question)
    _drop_repeated(found)
    return advice


def answer_with_files(actor: Actor, *, advice_id: uuid.UUID, **said: Any) -> AdvicePost:
    """Answer, or add to an answer, with files beside it. Raises what `answer_advice` and `ask_with_files` do."""
    return _speak(actor, "answer", answer_advice, advice_id, **said)


def ask_again_with_files(actor: Actor, *, advice_id: uuid.UUID, **said: Any) -> AdvicePost:
    """Ask more, with files beside it; the answer is due anew. Raises what `answer_with_files` does."""
    return _speak(actor, "ask_again", ask_again, advice_id, **said)


def _speak(
    actor: Actor,
    action: str,
    speak: Callable[..., AdvicePost],
    advice_id: uuid.UUID,
    files: Sequence[UploadedFile] = (),
    **said: Any,
) -> AdvicePost:
    advice_policy.get(actor, action, advice_id)
    with kept(files, field=FIELD) as found:
        post = speak(actor, advice_id=advice_id, files=found, **said)
    _drop_repeated(found)
    return post


def _drop_repeated(found: Sequence[Kept]) -> None:
    """A line that was sent twice with one `key` has its files already: those of the second time go at once."""
    for file in found:
        drop_content(file.path)


@service
def take_advice_file(actor: Actor, *, advice_id: uuid.UUID, file_id: uuid.UUID) -> AdviceFile:
    """The file that is given out: journalled as an opening of the file and of its patient's record. Raises NotFound."""
    file = see_advice_file(actor, file_id, advice_id)
    record_access(actor, subject_type="advicefile", subject_id=file.pk, purpose="download")
    record_access(actor, subject_type="patient", subject_id=file.post.advice.patient_id, purpose="file")
    return file


@service
def remove_advice_file(actor: Actor, *, advice_id: uuid.UUID, file_id: uuid.UUID) -> None:
    """Take a file away: the row at once, its content after the commit; the journal keeps who, what and when.

    Raises NotFound, Forbidden for the other side's files, and AdviceFileSeen.
    """
    advice_policy.get(actor, "view", advice_id, lock=True)
    file = see_advice_file(actor, file_id, advice_id, "remove")
    if not advice_file_policy.is_removable(actor, file):
        raise AdviceFileSeen
    forget(file)
