"""What can be wrong with a file, or with the moment at which it is taken in."""

from django.utils.translation import gettext_lazy as _

from cluster_portal.common.errors import Conflict, PortalError


class BadFile(PortalError):
    """The file as a whole cannot be read; the field is that of the upload."""

    code, title = "bad_file", _("This file cannot be read as a table.")

    def __init__(self, detail=None, **kwargs) -> None:
        super().__init__(detail, **{"field": "file", **kwargs})


class WrongType(BadFile):
    code, title = "wrong_type", _("This is neither an Excel table (.xlsx) nor a CSV file.")


class OldExcel(BadFile):
    code, title = (
        "old_excel",
        _(
            "This is a table of an old Excel (.xls), or one with a password. Please save it as .xlsx without one."
        ),
    )


class Damaged(BadFile):
    code, title = "damaged_file", _("The file is damaged. Please save it again and upload the new one.")


class EmptyTable(BadFile):
    code, title = "empty_table", _("There are no rows below the headings.")


class TooLargeFile(BadFile):
    code, title = "file_too_large", _("The file is too large.")


class TooManyRows(BadFile):
    code, title = "too_many_rows", _("The file has too many rows.")


class TooManyColumns(BadFile):
    code, title = "too_many_columns", _("The file has too many columns.")


class Merged(BadFile):
    code, title = "merged_cells", _("Cells are merged.")


class NoSuchSheet(BadFile):
    code, title = "no_such_sheet", _("The file has no such sheet.")


class ChangedSince(Conflict):
    """Between the check and the confirmation somebody else changed what the file is about."""

    code, title = (
        "changed_since_check",
        _(
            "The data in the portal have changed since the check, so nothing was taken in. Please check again."
        ),
    )


class RowsRefused(Conflict):
    code, title = (
        "rows_refused",
        _("Some rows have mistakes. Correct the file, or say that these rows are to be left out."),
    )


class RowsUnanswered(Conflict):
    code, title = (
        "rows_unanswered",
        _("Some rows look like people who are registered already. Please say what is to happen with them."),
    )


class FileGone(PortalError):
    code, status, title = "import_file_gone", 410, _("The file is no longer kept. Please upload it again.")


class ImportRunning(Conflict):
    code, title = "import_running", _("The file is being worked on at this moment. Please wait for the end.")


class BadMapping(PortalError):
    """Which columns are which does not fit; `extra["problems"]` says how, in words."""

    code, title = "bad_mapping", _("Please say which columns of the file are which.")
