"""`apricot.glucose.v1.FoodService`."""

from apricot.glucose.v1 import food_pb2

from kit.call import Call
from services.glucose.domain import foods as rules
from services.glucose.domain.foods import Food
from services.glucose.store.foods import all_foods

_USUALLY = 20


class Foods:
    """A small table of everyday foods."""

    async def SearchFoods(self, request: food_pb2.SearchFoodsRequest, call: Call) -> food_pb2.SearchFoodsResponse:
        found = rules.search(all_foods(), request.query, request.page_size or _USUALLY)
        return food_pb2.SearchFoodsResponse(foods=map(_message, found))


def _message(food: Food) -> food_pb2.Food:
    message = food_pb2.Food(
        source_id=food.source_id,
        name_zh=food.names_zh[0],
        name_en=food.name_en,
        carbohydrate_g_per_100g=food.carbohydrate_g,
        fibre_g_per_100g=food.fibre_g,
        protein_g_per_100g=food.protein_g,
        fat_g_per_100g=food.fat_g,
        energy_kcal_per_100g=food.energy_kcal,
    )
    if food.portion:
        message.portion.description = food.portion
        message.portion.weight_g = food.portion_g
        message.portion.carbohydrate_g = round(food.carbohydrate_g * food.portion_g / 100, 1)
    return message
