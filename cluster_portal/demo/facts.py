"""The data files of a demo cluster, read into plain objects. Facts only: what is drawn by chance is made elsewhere."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from cluster_portal.common.dictionaries import read_csv

DATA = Path(__file__).parent / "data"
CLUSTERS = ("sakhalin", "skolkovo", "aktobe")


def read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Town:
    """A town with its true coordinates; `weight` is how many people live there, roughly."""

    key: str
    names: dict[str, str]
    of_ru: str
    in_ru: str
    district_ru: str
    lat: float
    lon: float
    rural: bool
    weight: int
    streets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """Why somebody is referred: a diagnosis, whom it befalls, what is asked for and what comes back.

    The texts hold choices in braces that `wording.fill` draws.
    """

    icd: str
    weight: int
    sex: str
    ages: tuple[int, int]
    suspicion: str
    services: dict[str, int]
    reason: list[str]
    question: str
    conclusion: list[str]
    advice: str
    kk: dict[str, str] | None = None


class Facts:
    """Everything that is written down of one cluster."""

    def __init__(self, cluster: str) -> None:
        if cluster not in CLUSTERS:
            raise ValueError(f"There is no demo cluster {cluster!r}; there are {', '.join(CLUSTERS)}.")
        self.cluster = cluster
        self.about: dict[str, Any] = read_json(DATA / cluster / "cluster.json")

    @property
    def country(self) -> str:
        return self.about["cluster"]["country"]

    @property
    def time_zone(self) -> str:
        return self.about["cluster"]["time_zone"]

    @cached_property
    def schools(self) -> dict[str, Any]:
        """By country: where doctors study, and who lets them work."""
        return read_json(DATA / "common" / "schools.json")

    @cached_property
    def towns(self) -> dict[str, Town]:
        return {
            row["key"]: Town(
                key=row["key"],
                names={language: row[f"name_{language}"] for language in ("ru", "en", "kk")},
                of_ru=row["of_ru"],
                in_ru=row["in_ru"],
                district_ru=row["district_ru"],
                lat=float(row["lat"]),
                lon=float(row["lon"]),
                rural=row["rural"] == "1",
                weight=int(row["weight"]),
                streets=tuple(filter(None, row["streets"].split(";"))),
            )
            for row in read_csv(DATA / self.cluster / "towns.csv")
        }

    @cached_property
    def organizations(self) -> list[dict[str, str]]:
        return read_csv(DATA / self.cluster / "organizations.csv")

    @cached_property
    def clinics(self) -> list[dict[str, str]]:
        return read_csv(DATA / self.cluster / "clinics.csv")

    @cached_property
    def profiles(self) -> dict[str, list[str]]:
        return {name: text.split() for name, text in read_json(DATA / "common" / "profiles.json").items()}

    @cached_property
    def names(self) -> dict[str, Any]:
        return read_json(DATA / "common" / "names.json")

    @cached_property
    def texts(self) -> dict[str, Any]:
        """Descriptions, preparation and the like, each in three languages."""
        return read_json(DATA / "common" / "texts.json")

    @cached_property
    def _cases(self) -> dict[str, Any]:
        return read_json(DATA / "common" / "cases.json")

    @cached_property
    def cases(self) -> list[Case]:
        return [Case(**(case | {"ages": tuple(case["ages"])})) for case in self._cases["cases"]]

    @property
    def findings(self) -> dict[str, dict[str, Any]]:
        """What a referral to an examination asks (`ask`) and what it finds (`found`), by service type."""
        return self._cases["services"]
