"""Copies the pinned third-party assets into ``static/vendor`` and builds the icon sprite.

Run by a developer after changing a version below or ``static/icons/icons.txt``; what it writes is
committed, so an installation never asks a package registry. The lock file it leaves beside the
files names package, version, registry integrity, sha256 of each file and the licence.
"""

import hashlib
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

STATIC = Path(settings.BASE_DIR) / "static"
SUBSETS = ("cyrillic", "cyrillic-ext", "latin", "latin-ext")
WEIGHTS = ("400Regular", "600SemiBold", "700Bold")

#: package → (version, licence file, {file in the package: file below static/vendor})
PACKAGES = {
    "@fontsource-variable/golos-text": (
        "5.3.0",
        "LICENSE",
        {f"files/golos-text-{s}-wght-normal.woff2": f"golos-text/golos-text-{s}.woff2" for s in SUBSETS},
    ),
    # The same letters once more for what is printed: the maker of PDFs reads no woff2.
    "@expo-google-fonts/golos-text": (
        "0.4.2",
        "LICENSE_FONT",
        {f"{w}/GolosText_{w}.ttf": f"golos-text-ttf/GolosText_{w}.ttf" for w in WEIGHTS},
    ),
    # Version 2 on purpose: version 4 no longer inherits hx-headers.
    "htmx.org": ("2.0.11", "LICENSE", {"dist/htmx.min.js": "htmx/htmx.min.js"}),
    "@tabler/icons": ("3.51.0", "LICENSE", {}),
}

_SYMBOL_BODY = re.compile(r"<svg[^>]*>(.*)</svg>", re.S)
_BOUNDING_BOX = re.compile(r'<path stroke="none" d="M0 0h24v24H0z" fill="none" ?/>')
_SOURCE_MAP = re.compile(rb"\n?(//[#@] sourceMappingURL=\S+|/\*# sourceMappingURL=\S+ \*/)\s*")


class Command(BaseCommand):
    help = "Copies the pinned front-end packages into static/vendor and builds static/icons/icons.svg."

    def add_arguments(self, parser):
        parser.add_argument("--node-modules", type=Path, help="an installed node_modules to copy from")

    def handle(self, *, node_modules: Path | None, **options):
        with tempfile.TemporaryDirectory() as scratch:
            modules = node_modules or self._install(Path(scratch))
            lock = self._copy(modules)
            count = build_sprite(modules / "@tabler/icons/icons", STATIC / "icons")
        (STATIC / "vendor/vendor.lock.json").write_text(json.dumps(lock, indent=2, sort_keys=True) + "\n")
        self.stdout.write(f"{len(lock['packages'])} packages, {count} icons")

    def _install(self, folder: Path) -> Path:
        wanted = [f"{name}@{version}" for name, (version, _, _) in PACKAGES.items()]
        (folder / "package.json").write_text('{"private": true}')
        subprocess.run(
            ["npm", "install", "--ignore-scripts", "--save-exact", *wanted], cwd=folder, check=True
        )
        return folder / "node_modules"

    def _copy(self, modules: Path) -> dict:
        installed = json.loads((modules / ".package-lock.json").read_text())["packages"]
        packages = {}
        for name, (version, licence_file, files) in PACKAGES.items():
            entry = installed[f"node_modules/{name}"]
            if entry["version"] != version:
                raise CommandError(f"{name}: {entry['version']} is installed, {version} is pinned")
            digests = {}
            for source, target in files.items():
                content = _SOURCE_MAP.sub(b"\n", (modules / name / source).read_bytes())
                path = STATIC / "vendor" / target
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
                digests[target] = hashlib.sha256(content).hexdigest()
            # Beside its files; a package that is only drawn from has a folder of its own name.
            # Beside its files; what is only drawn from has a folder by its own name.
            beside = [Path(target).parent for target in files.values()] or [name.split("/")[-1]]
            folder = STATIC / "vendor" / beside[0]
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(modules / name / licence_file, folder / "LICENSE.txt")
            packages[name] = {
                "version": version,
                "integrity": entry["integrity"],
                "licence": json.loads((modules / name / "package.json").read_text())["license"],
                "files": digests,
            }
        return {"packages": packages}


def build_sprite(icons: Path, target: Path) -> int:
    """Joins the icons named in ``icons.txt`` into one sprite of symbols; returns their number."""
    symbols = []
    for name in sorted(set((target / "icons.txt").read_text().split())):
        filled = name.endswith("-filled")
        source = icons / ("filled" if filled else "outline") / f"{name.removesuffix('-filled')}.svg"
        if not source.exists():
            raise CommandError(f"There is no icon “{name}” in the package")
        body = _BOUNDING_BOX.sub("", _SYMBOL_BODY.search(source.read_text()).group(1))
        body = re.sub(r"\s+", " ", body).replace("> <", "><").strip()
        paint = ' fill="currentColor" stroke="none"' if filled else ""
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24"{paint}>{body}</symbol>')
    sprite = '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"
    (target / "icons.svg").write_text(sprite)
    return len(symbols)
