"""The demo's hospitals: invented, in cities that there are. What is there already stays."""

from uuid import NAMESPACE_URL, UUID, uuid5

from kit.database import Database
from services.consult.store.hospitals import add_missing
from services.consult.store.tables import HospitalRow

_HOSPITALS = (
    ("杭州杏林医院", "Hangzhou Apricot Grove Hospital", "3A", "杭州"),
    ("杭州西溪人民医院", "Hangzhou Xixi People's Hospital", "3B", "杭州"),
    ("上海浦江中心医院", "Shanghai Pujiang Central Hospital", "3A", "上海"),
    ("上海徐汇云锦医院", "Shanghai Xuhui Yunjin Hospital", "2A", "上海"),
    ("北京东华友谊医院", "Beijing Donghua Friendship Hospital", "3A", "北京"),
    ("北京海淀清和医院", "Beijing Haidian Qinghe Hospital", "2A", "北京"),
    ("广州珠江仁济医院", "Guangzhou Pearl River Renji Hospital", "3A", "广州"),
    ("深圳南山湾医院", "Shenzhen Nanshan Bay Hospital", "3B", "深圳"),
    ("成都锦里医院", "Chengdu Jinli Hospital", "3A", "成都"),
    ("武汉东湖糖尿病专科医院", "Wuhan East Lake Diabetes Hospital", "2A", "武汉"),
    ("西安长乐中医医院", "Xi'an Changle Hospital of Chinese Medicine", "3B", "西安"),
    ("南京玄武儿童医院", "Nanjing Xuanwu Children's Hospital", "3A", "南京"),
)


def hospital_id(name: str) -> UUID:
    """The id of one of the demo's hospitals."""
    return uuid5(NAMESPACE_URL, f"apricot:demo:{name}")


async def plant_hospitals(database: Database) -> None:
    """Add those that are missing."""
    async with database.transaction() as session:
        for name, name_en, grade, city in _HOSPITALS:
            hospital = HospitalRow(hospital_id=hospital_id(name), name=name, name_en=name_en, grade=grade, city=city)
            await add_missing(session, hospital)
