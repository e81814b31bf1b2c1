"""The food table: every figure from its source, and found by a part of a name."""

import re
from typing import Any
from uuid import uuid4

import pytest
from apricot.glucose.v1 import food_pb2
from hypothesis import given
from hypothesis import strategies as st

from services.glucose.domain.foods import Food, search
from services.glucose.rpc.foods import Foods
from services.glucose.store.foods import all_foods
from tests.glucose.called import call


def first(query: str) -> Food:
    return search(all_foods(), query, 1)[0]


def ids(query: str) -> list[str]:
    return [food.source_id for food in search(all_foods(), query, 50)]


def test_the_table_is_whole_and_possible() -> None:
    foods = all_foods()
    assert 150 <= len(foods) <= 300
    assert len({food.source_id for food in foods}) == len(foods)
    for food in foods:
        assert re.fullmatch(r"SR28/\d{5}|FNDDS/.+", food.source_id), food
        assert any("\u4e00" <= letter <= "\u9fff" for letter in food.names_zh[0]), food
        assert 0 <= food.carbohydrate_g <= 100
        assert 0 <= food.carbohydrate_g + food.protein_g + food.fat_g <= 100.5, food
        assert 0 <= (food.fibre_g or 0) <= food.carbohydrate_g + 0.1, food
        assert bool(food.portion) == (food.portion_g > 0)


@pytest.mark.parametrize(
    ("source_id", "carbohydrate_g", "energy_kcal"),
    [
        ("SR28/20045", 28.17, 130),  # rice, cooked
        ("SR28/09040", 22.84, 89),  # banana
        ("SR28/11674", 21.15, 93),  # potato, baked
        ("SR28/01211", 4.78, 61),  # milk
        ("SR28/18075", 42.71, 252),  # bread, whole-wheat
        ("FNDDS/Congee", 8.4, 39),
        ("FNDDS/Wonton, dumpling or pot sticker, steamed", 11.07, 113),
    ],
)
def test_figures_are_the_source_s(source_id: str, carbohydrate_g: float, energy_kcal: float) -> None:
    [food] = [food for food in all_foods() if food.source_id == source_id]
    assert (food.carbohydrate_g, food.energy_kcal) == (carbohydrate_g, energy_kcal)


@pytest.mark.parametrize(
    ("query", "source_id"),
    [
        ("米饭", "SR28/20045"),
        ("饺子", "FNDDS/Wonton, dumpling or pot sticker, steamed"),
        ("水饺", "FNDDS/Wonton, dumpling or pot sticker, steamed"),
        ("稀饭", "FNDDS/Congee"),
        ("西红柿", "SR28/11529"),
        ("地瓜", "SR28/11507"),
        ("rice", "SR28/20045"),
        ("  RICE ", "SR28/20045"),
        ("ｒｉｃｅ", "SR28/20045"),
        ("congee", "FNDDS/Congee"),
        ("tofu", "SR28/16126"),
        ("bananna", "SR28/09040"),
    ],
)
def test_what_is_looked_for_comes_first(query: str, source_id: str) -> None:
    assert first(query).source_id == source_id


def test_dry_and_cooked_rice_are_told_apart() -> None:
    assert {food.names_zh[0] for food in search(all_foods(), "糯米", 9)} >= {"糯米饭", "糯米（生）"}


def test_a_name_s_begin_counts_more_than_its_middle() -> None:
    found = ids("apple")
    assert found.index("SR28/09003") < found.index("SR28/09266")  # apples before pineapple


@pytest.mark.parametrize("query", [" ", "\0", "🍚", "'; drop table food; --", "%%", "_", "x" * 50, "馒头"])
def test_what_is_not_there_is_not_found(query: str) -> None:
    assert ids(query) == []


@given(st.text(min_size=1, max_size=50))
def test_any_text_is_an_answer(query: str) -> None:
    assert len(search(all_foods(), query, 20)) <= 20


async def test_a_portion_s_carbohydrate_comes_with_it() -> None:
    [banana] = await asked(query="香蕉")
    assert banana.portion.weight_g == 118
    assert banana.portion.carbohydrate_g == 27.0


async def test_as_many_come_as_are_wanted() -> None:
    assert len(await asked(query="a")) == 20
    assert len(await asked(query="a", page_size=3)) == 3


async def asked(**request: Any) -> list[food_pb2.Food]:
    answer = await Foods().SearchFoods(food_pb2.SearchFoodsRequest(**request), call("FoodService/SearchFoods", uuid4()))
    return list(answer.foods)
