"""The food table, a file beside this one; `data/README.md` says where its figures come from."""

import csv
from functools import cache
from pathlib import Path

from services.glucose.domain.foods import Food

_FILE = Path(__file__).parent / "data" / "foods.csv"


@cache
def all_foods() -> tuple[Food, ...]:
    """Every row."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Food(
                source_id=row["source_id"],
                names_zh=tuple(row["names_zh"].split("|")),
                name_en=row["name_en"],
                carbohydrate_g=float(row["carbohydrate_g_per_100g"]),
                fibre_g=float(row["fibre_g_per_100g"]) if row["fibre_g_per_100g"] else None,
                protein_g=float(row["protein_g_per_100g"]),
                fat_g=float(row["fat_g_per_100g"]),
                energy_kcal=float(row["energy_kcal_per_100g"]),
                portion=row["portion"],
                portion_g=float(row["portion_g"] or 0),
            )
            for row in csv.DictReader(file)
        )
