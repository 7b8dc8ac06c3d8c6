"""The maker of PDFs: what is typed stays letters, ours are the only fonts, nothing outside its folder is read."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import segno
import typst

from cluster_portal.documents import rendering
from cluster_portal.documents.responses import pdf_response
from tests.documents.support import fonts_of, pages_of, text_of

PLAIN = '#import "house.typ": *\n#show: paper.with(title: data.name)\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of templates with the shared part and one that writes the name on a line."""
    shutil.copy(rendering.FOLDER / "house.typ", tmp_path)
    (tmp_path / "name.typ").write_text(PLAIN + "#answer(data.name)")
    monkeypatch.setattr(rendering, "FOLDER", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "name",
    [
        '#read("/etc/passwd")',
        "#panic() *жирный* _курсив_ $x^2$ `код` <метка> @ссылка",
        '"]; #image("house.typ") [',
        "= Заголовок - не список + 1. // не комментарий /* и это */",
        r"обратная \ черта \u{41} \#",
        '{"name": "x"}',
    ],
)
def test_markup_in_data_stays_letters(folder: Path, name: str) -> None:
    assert text_of(rendering.pdf("name", {"name": name})) == name


def test_letters_of_all_three_languages_are_in_the_file(folder: Path) -> None:
    name = "Әлия Ғабитқызы Қ Ң Ө Ұ Ү Һ І Ёлкина Щербатых O’Neill № « » — –"
    made = rendering.pdf("name", {"name": name})
    assert text_of(made) == name
    assert fonts_of(made) == {"GolosText-SemiBold": True}


def test_a_long_name_goes_on_in_the_next_line(folder: Path) -> None:
    name = " ".join(["Константинопольская-Преображенская"] * 8)
    made = rendering.pdf("name", {"name": name})
    assert text_of(made).replace(" ", "") == name.replace(" ", "") and pages_of(made) == 1


def test_a_template_reads_nothing_outside_its_folder(folder: Path) -> None:
    (folder / "thief.typ").write_text('#read("/../../../../etc/passwd")')
    with pytest.raises(typst.TypstError):
        rendering.pdf("thief", {})


def test_a_square_code_is_drawn(folder: Path) -> None:
    (folder / "square.typ").write_text(PLAIN + '#code(data.qr, alt: "Код")')
    address = "https://portal.example/lookup/?number=SKH-26-0001234-X"
    drawn = rendering.qr(address)
    assert drawn.startswith("<svg") and len(drawn) > 500
    # The same squares as the library draws for this very text.
    assert drawn == segno.make(address, error="q", micro=False).svg_inline(border=0, omitsize=True)
    with_code, without = (
        rendering.pdf("square", {"name": "", "qr": drawn}),
        rendering.pdf("name", {"name": ""}),
    )
    assert len(with_code) > len(without)


def test_threads_may_draw_at_once(folder: Path) -> None:
    names = [f"Пациент {number}" for number in range(24)]
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda name: rendering.pdf("name", {"name": name}), names))
    assert [text_of(one) for one in made] == names


def test_the_answer_is_kept_by_nobody() -> None:
    response = pdf_response(b"%PDF-", "057u-SKH-26-0001234-X")
    assert response["Content-Type"] == "application/pdf"
    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"] == 'inline; filename="057u-SKH-26-0001234-X.pdf"'
