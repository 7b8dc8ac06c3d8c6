"""Files are read as their authors meant them, and hostile ones are refused in words."""

from __future__ import annotations

import datetime as dt
import struct
import tracemalloc
import zipfile
from decimal import Decimal

import pytest

from cluster_portal.imports import errors
from cluster_portal.imports.reading import LOST, Broken, Limits, open_table
from cluster_portal.imports.reading.cells import day_of_serial, number
from cluster_portal.imports.reading.xlsx import is_date_format
from tests.imports.files import csv_file, raw_xlsx, sheet_xml, text_cell, xlsx

ROWS = [["Фамилия", "Имя", "Родился"], ["Ким", "Анна", "01.02.1980"], ["Әлиева", "Ұлжан", "05.06.1991"]]
HEADS = text_cell("A1", "Фамилия") + text_cell("B1", "СНИЛС")


def read(path, **options):
    table = open_table(path, **options)
    head = table.head()
    return head.headings, [row for _line, row in table.rows(head.line)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_csv_in_any_encoding_and_with_any_separator(tmp_path, encoding, delimiter):
    path = csv_file(tmp_path / "a.csv", ROWS, encoding=encoding, delimiter=delimiter)
    table = open_table(path)
    assert (table.kind, table.encoding, table.delimiter) == ("csv", encoding, delimiter)
    assert read(path) == (ROWS[0], ROWS[1:])


def test_csv_in_windows_1251(tmp_path):
    path = csv_file(tmp_path / "a.csv", ROWS[:2], encoding="cp1251")
    assert open_table(path).encoding == "cp1251"
    assert read(path) == (ROWS[0], ROWS[1:2])


def test_what_is_late_in_a_long_file_decides_on_its_encoding(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"name;n\n" + b"abcdef;1\n" * 60_000 + "Ким;2\n".encode("cp1251"))
    assert open_table(path).encoding == "cp1251"


def test_commas_in_names_do_not_make_a_comma_the_separator(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("Имя;Адрес\nАнна;г. Оха, ул. Мира, 5\nПётр;г. Оха, д. 7, кв. 1\n", encoding="utf-8")
    assert read(path)[1] == [["Анна", "г. Оха, ул. Мира, 5"], ["Пётр", "г. Оха, д. 7, кв. 1"]]


def test_what_excel_writes_into_csv_for_itself(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('sep=;\r\nИмя;Номер\r\nАнна;="00123"\r\n', encoding="utf-8")
    assert read(path) == (["Имя", "Номер"], [["Анна", "00123"]])


def test_lines_of_csv_are_those_of_an_editor(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('Имя;Адрес\n\nАнна;"г. Оха,\nул. Мира"\nПётр;Оха\n', encoding="utf-8")
    table = open_table(path)
    assert [line for line, _row in table.rows(table.head().line)] == [3, 5]


def test_titles_above_the_headings_are_passed_over(tmp_path):
    rows = [["Список пациентов на 01.11.2026"], [], *ROWS]
    table = open_table(xlsx(tmp_path / "a.xlsx", rows))
    head = table.head()
    assert (head.line, head.headings, head.samples[0]) == (3, ROWS[0], ROWS[1])
    assert table.expected(head) == 2


def test_xlsx_keeps_dates_numbers_and_texts_apart(tmp_path):
    born = dt.date(1980, 2, 1)
    path = xlsx(
        tmp_path / "a.xlsx", [["Имя", "Дата", "Число", "Текст", "Да"], ["Анна", born, 1.5, "00123", True]]
    )
    assert read(path)[1] == [["Анна", born, Decimal("1.5"), "00123", True]]


def test_long_identifiers(tmp_path):
    """As text they are whole; as numbers Excel has lost digits, and that is said instead of being taken over."""
    path = xlsx(
        tmp_path / "a.xlsx", [["Полис", "Ещё"], ["1234567890123456", 12345678901], [1234567890123456, 1]]
    )
    first, second = read(path)[1]
    assert first == ["1234567890123456", 12345678901]
    assert isinstance(second[0], Broken) and second[0].why == LOST


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12345678901", 12345678901),
        ("1.2345678901E10", 12345678901),
        ("0.10000000000000001", Decimal("0.1")),
        ("-3.0", -3),
        ("1E+15", Broken("1E+15", LOST)),
        ("1E+999999999", Broken("1E+999999999", LOST)),
        ("NaN", Broken("NaN")),
        ("x", Broken("x")),
    ],
)
def test_numbers(text, value):
    assert number(text) == value


@pytest.mark.parametrize(
    ("serial", "from_1904", "value"),
    [
        (29221, False, dt.date(1980, 1, 1)),
        (61, False, dt.date(1900, 3, 1)),
        (59, False, dt.date(1900, 2, 28)),
        (27759, True, dt.date(1980, 1, 1)),
        (Decimal("29221.5"), False, dt.datetime(1980, 1, 1, 12)),
        (Decimal("0.25"), False, dt.time(6)),
        (10**9, False, Broken("1000000000")),
        (-5, False, Broken("-5")),
    ],
)
def test_days_of_a_spreadsheet(serial, from_1904, value):
    assert day_of_serial(serial, from_1904=from_1904) == value


@pytest.mark.parametrize(
    "code", ["dd.mm.yyyy", "[$-419]d mmmm yyyy;@", "m/d/yy", "yyyy-mm-dd hh:mm", "ДД.ММ.ГГГГ"]
)
def test_formats_that_show_dates(code):
    assert is_date_format(code)


@pytest.mark.parametrize("code", ["General", "0.00", '0" дней"', "#,##0 [$₽-419]", "@", '"день"'])
def test_formats_that_show_no_dates(code):
    assert not is_date_format(code)


def test_a_formula_gives_its_stored_value_or_none(tmp_path):
    rows = sheet_xml(
        HEADS,
        '<c r="A2" t="str"><f>CONCATENATE("К","им")</f><v>Ким</v></c><c r="B2"><f>1+1</f></c>',
        '<c r="A3" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="B3"><v>5</v></c>',
    )
    assert read(raw_xlsx(tmp_path / "a.xlsx", rows))[1] == [["Ким", Broken("=")], [Broken("#DIV/0!"), 5]]


def test_a_text_that_looks_like_a_formula_stays_a_text(tmp_path):
    path = raw_xlsx(tmp_path / "a.xlsx", sheet_xml(HEADS, text_cell("A2", "=cmd|' /C calc'!A0")))
    assert read(path)[1] == [["=cmd|' /C calc'!A0"]]


def test_cells_without_places_in_any_order_and_with_prefixes(tmp_path):
    sheet = (
        '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>'
        '<x:row><x:c t="inlineStr"><x:is><x:t>А</x:t></x:is></x:c><x:c t="inlineStr"><x:is><x:t>Б</x:t></x:is></x:c>'
        '</x:row><x:row r="7"><x:c r="C7"><x:v>3</x:v></x:c><x:c r="A7"><x:v>1</x:v></x:c></x:row>'
        "</x:sheetData></x:worksheet>"
    )
    table = open_table(raw_xlsx(tmp_path / "a.xlsx", sheet))
    assert list(table.lines()) == [(1, ["А", "Б"]), (7, [1, None, 3])]


def test_hidden_sheets_are_not_offered(tmp_path):
    import xlsxwriter

    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        for name in ("Тайный", "Пациенты", "Врачи"):
            page = book.add_worksheet(name)
            page.write_row(0, 0, ["Имя", name])
            page.write_row(1, 0, ["Анна", "1"])
        book.get_worksheet_by_name("Пациенты").activate()
        book.get_worksheet_by_name("Тайный").hide()
    table = open_table(path)
    assert (table.sheets, table.sheet) == (("Пациенты", "Врачи"), "Пациенты")
    assert read(path, sheet="Врачи")[0] == ["Имя", "Врачи"]
    with pytest.raises(errors.NoSuchSheet):
        open_table(path, sheet="Тайный")


def test_merged_rows_are_refused_with_their_place_and_merged_titles_are_not(tmp_path):
    rows = (text_cell("A1", "Список"), HEADS.replace("1", "2"), text_cell("A3", "Ким"), text_cell("A4", "Ли"))
    titles = raw_xlsx(
        tmp_path / "a.xlsx", sheet_xml(*rows, after='<mergeCells><mergeCell ref="A1:B1"/></mergeCells>')
    )
    table = open_table(titles)
    assert table.expected(table.head()) == 2
    rows = raw_xlsx(
        tmp_path / "b.xlsx", sheet_xml(*rows, after='<mergeCells><mergeCell ref="B3:B4"/></mergeCells>')
    )
    table = open_table(rows)
    with pytest.raises(errors.Merged, match="B3:B4"):
        table.expected(table.head())


def many(path, count):
    return csv_file(path, [["Имя", "Номер"], *([f"Имя{n}", str(n)] for n in range(count))])


def test_rows_beyond_the_limit(tmp_path):
    path = many(tmp_path / "a.csv", 11)
    with pytest.raises(errors.TooManyRows, match="10"):
        read(path, limits=Limits(rows=10))
    assert len(read(path, limits=Limits(rows=11))[1]) == 11


def test_columns_and_texts_beyond_the_limit(tmp_path):
    wide = csv_file(tmp_path / "a.csv", [["x"] * 300])
    with pytest.raises(errors.TooManyColumns):
        read(wide)
    far = raw_xlsx(tmp_path / "b.xlsx", sheet_xml(text_cell("XFD1", "x")))
    with pytest.raises(errors.TooManyColumns):
        read(far)
    with pytest.raises(errors.BadFile, match="5000"):
        read(csv_file(tmp_path / "c.csv", [["a", "b"], ["x" * 6000, "y"]]))
    endless = tmp_path / "d.csv"
    endless.write_text("a;b\n" + "x;" * 200_000, encoding="utf-8")
    with pytest.raises(errors.BadFile):
        read(endless)


HOSTILE = {
    "empty": (b"", errors.EmptyTable),
    "blanks": (b" \r\n \r\n", errors.EmptyTable),
    "only separators": (b";;;\n;;;\n", errors.EmptyTable),
    "only headings": ("Имя;Номер\n".encode(), errors.EmptyTable),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 50, errors.WrongType),
    "a PDF": (b"%PDF-1.7\n1 0 obj\n", errors.WrongType),
    "a page of the web": (b"<!DOCTYPE html><html><table></table></html>", errors.WrongType),
    "an old Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, errors.OldExcel),
    "half an archive": (b"PK\x03\x04" + b"\x14\0\0\0\x08\0" + b"x" * 40, errors.Damaged),
    "bytes of no alphabet": (b"\x98\x98;\xff\n\x98;1\n", errors.WrongType),
    "an open quotation": (b'a;b\n"x;1\ny;2\n', errors.BadFile),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_in_words(tmp_path, name):
    content, error = HOSTILE[name]
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(error) as caught:
        read(path)
    assert len(str(caught.value)) > 15


def test_another_archive_is_no_table(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(errors.WrongType):
        open_table(path)


def test_entities_are_refused(tmp_path):
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>' + sheet_xml("<c r='A1'><v>&b;</v></c>")
    with pytest.raises(errors.Damaged):
        read(raw_xlsx(tmp_path / "a.xlsx", laughs))
    with pytest.raises(errors.Damaged):
        read(raw_xlsx(tmp_path / "b.xlsx", sheet_xml(HEADS, HEADS), styles="<!DOCTYPE x []><x/>"))


def test_a_bomb_is_not_unpacked(tmp_path):
    """Whether it tells its size or lies about it."""
    path = raw_xlsx(tmp_path / "a.xlsx", b"<worksheet>" + b" " * 30_000_000 + b"</worksheet>")
    assert path.stat().st_size < 100_000
    limits = Limits(unpacked=1_000_000)
    tracemalloc.start()
    with pytest.raises(errors.TooLargeFile):
        read(path, limits=limits)
    raw = bytearray(path.read_bytes())
    size = struct.pack("<L", 30_000_023)
    while (place := raw.find(size)) >= 0:
        raw[place : place + 4] = struct.pack("<L", 500)
    path.write_bytes(raw)
    with pytest.raises((errors.Damaged, errors.EmptyTable)):
        read(path, limits=limits)
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def test_shared_texts_that_are_not_there(tmp_path):
    with pytest.raises(errors.Damaged):
        read(
            raw_xlsx(
                tmp_path / "a.xlsx", sheet_xml('<c r="A1" t="s"><v>7</v></c>'), shared="<sst><si/></sst>"
            )
        )


def test_a_broken_sheet(tmp_path):
    with pytest.raises(errors.Damaged):
        read(raw_xlsx(tmp_path / "a.xlsx", sheet_xml(HEADS)[:-30]))


def test_a_long_table_is_not_held_in_memory(tmp_path):
    row = "".join(f'<c r="{letter}@"><v>1</v></c>' for letter in "ABCDEFGHIJ")
    sheet = sheet_xml(*(row.replace("@", str(n)) for n in range(1, 5_001)))
    table = open_table(raw_xlsx(tmp_path / "a.xlsx", sheet))
    tracemalloc.start()
    assert sum(1 for _row in table.lines()) == 5_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3_000_000
