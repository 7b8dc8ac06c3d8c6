import pytest
from django import forms
from django.test import Client

from cluster_portal.common.errors import Conflict, Invalid
from cluster_portal.web.forms import Combobox, add_error
from cluster_portal.web.styleguide import ExampleForm

GOOD = {"birth_date": "1961-03-14", "payment": "oms", "priority": "urgent", "consent": "on"}


def bound(**data: str) -> ExampleForm:
    form = ExampleForm(GOOD | {"surname": "Тен"} | data)
    assert form.is_valid()
    return form


def test_a_refusal_stands_at_its_field_or_above_the_form() -> None:
    form = bound()
    add_error(form, Conflict("Taken.", field="policy"))
    add_error(form, Conflict("Elsewhere.", field="unknown"))
    assert form.errors == {"policy": ["Taken."], "__all__": ["Elsewhere."]}


def test_many_errors_go_to_many_fields() -> None:
    form = bound()
    add_error(form, Invalid({"policy": ["One.", "Two."], "other": "Three."}))
    assert form.errors == {"policy": ["One.", "Two."], "__all__": ["Three."]}


def test_a_field_is_tied_to_its_help_and_error() -> None:
    html = str(ExampleForm(GOOD | {"surname": ""}))
    assert 'aria-describedby="id_surname_helptext id_surname_error"' in html
    assert 'id="id_surname_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'href="#id_surname"' in html


def test_a_group_of_choices_is_a_fieldset_with_a_legend() -> None:
    html = str(ExampleForm()["priority"].as_field_group())
    assert html.startswith("<fieldset")
    assert "<legend" in html


def test_optional_fields_say_so() -> None:
    assert "необязательно" in str(ExampleForm()["policy"].as_field_group())
    assert "необязательно" not in str(ExampleForm()["surname"].as_field_group())


def test_radio_buttons_and_lists_are_never_optional() -> None:
    """One of them is always chosen; "none", where that is an answer, is one of them."""
    form = ExampleForm()
    for name in ("priority", "payment"):
        form.fields[name].required = False
        assert "необязательно" not in str(form[name].as_field_group())


def test_a_combobox_keeps_value_and_words_and_works_without_script() -> None:
    widget = Combobox("/codes/", text_for=lambda value: f"{value} words")
    html = widget.render("code", "I20.8")
    assert 'name="code" value="I20.8"' in html
    assert 'value="I20.8 words"' in html
    assert 'data-source="/codes/"' in html
    assert widget.value_from_datadict({"code": "", "code_text": "I20"}, {}, "code") == "I20"
    assert widget.value_from_datadict({"code": "I20.8", "code_text": "x"}, {}, "code") == "I20.8"


@pytest.mark.django_db
@pytest.mark.urls("tests.web.urls")
class TestServiceForm:
    def test_done_leads_on(self, client: Client) -> None:
        response = client.post("/form/", GOOD | {"surname": "Тен"})
        assert (response.status_code, response["Location"]) == (303, "/done/")

    def test_done_for_htmx(self, client: Client) -> None:
        response = client.post("/form/", GOOD | {"surname": "Тен"}, headers={"HX-Request": "true"})
        assert (response.status_code, response["HX-Redirect"]) == (204, "/done/")

    def test_a_refusal_keeps_what_was_typed(self, client: Client) -> None:
        response = client.post("/form/", GOOD | {"surname": "taken", "policy": "123"})
        assert response.status_code == 422
        assert response.context["form"].errors == {"policy": ["Somebody has it."]}
        assert response.context["form"]["policy"].value() == "123"

    def test_many_refusals(self, client: Client) -> None:
        response = client.post("/form/", GOOD | {"surname": "many"})
        assert set(response.context["form"].errors) == {"policy", "__all__"}

    def test_a_missing_record_is_a_page(self, client: Client) -> None:
        assert client.post("/form/", GOOD | {"surname": "hidden"}).status_code == 404


def test_nothing_chosen_is_a_dash() -> None:
    class Pick(forms.Form):
        kind = forms.ChoiceField(choices=[("", "---------"), ("a", "Alpha & Co")])

    html = str(Pick()["kind"])
    assert '<option value="" selected>—</option>' in html
    assert '<option value="a">Alpha &amp; Co</option>' in html
