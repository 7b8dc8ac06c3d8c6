"""Triggers that tables of any app may carry."""

from __future__ import annotations

import pgtrigger


class Marks(pgtrigger.Trigger):
    """Marks the day of a row that changed, for the summary that counts it (`common.summaries`).

    `moment` is the SQL of the timestamp that tells the day, with `{row}` for the row; null says that the row is not
    counted. `watched` are the columns that matter: an update of others marks nothing.
    """

    when = pgtrigger.After
    operation = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete

    def __init__(self, *, summary: str, moment: str, watched: tuple[str, ...], **kwargs) -> None:
        old, new = (", ".join(f'{row}."{column}"' for column in watched) for row in ("OLD", "NEW"))
        func = f"""
            IF TG_OP = 'UPDATE' AND ROW({old}) IS NOT DISTINCT FROM ROW({new}) THEN
                RETURN NULL;
            END IF;
            IF TG_OP <> 'INSERT' THEN
                INSERT INTO common_changedmoment (summary, at)
                SELECT '{summary}', moment FROM (SELECT {moment.format(row="OLD")} AS moment) AS was
                 WHERE moment IS NOT NULL;
            END IF;
            IF TG_OP <> 'DELETE' THEN
                INSERT INTO common_changedmoment (summary, at)
                SELECT '{summary}', moment FROM (SELECT {moment.format(row="NEW")} AS moment) AS became
                 WHERE moment IS NOT NULL
                   AND (TG_OP = 'INSERT' OR moment IS DISTINCT FROM ({moment.format(row="OLD")}));
            END IF;
            RETURN NULL;
        """  # noqa: S608 - the parts are written by the models
        super().__init__(name=f"marks_{summary}", func=func, **kwargs)
