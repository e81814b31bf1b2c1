"""A synthetic directory: hospitals and doctors as search meets them, written into consult's tables by COPY."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from services.consult.store.departments import departments
from services.consult.store.documents import document_of
from services.consult.store.tables import DoctorRow, HospitalRow


def _words(text: str) -> list[str]:
    return text.split()


HOSPITALS = 800
CITIES = _words("""
北京 上海 广州 深圳 杭州 南京 武汉 成都 重庆 西安 苏州 天津 长沙 青岛
郑州 沈阳 大连 厦门 昆明 合肥 福州 济南 宁波 无锡 哈尔滨 长春 南昌 贵阳
""")
GRADES = ("3A", "3A", "3A", "3B", "2A", "2A", "2B", "1A", "")
SURNAMES = _words("""
王Wang 李Li 张Zhang 刘Liu 陈Chen 杨Yang 黄Huang 赵Zhao 吴Wu 周Zhou 徐Xu 孙Sun 马Ma 朱Zhu 胡Hu 郭Guo 何He 林Lin
高Gao 罗Luo 郑Zheng 梁Liang 谢Xie 宋Song 唐Tang 许Xu 韩Han 冯Feng 邓Deng 曹Cao 彭Peng 曾Zeng 萧Xiao 田Tian 董Dong
""")
GIVEN = _words("""
伟wei 芳fang 娜na 敏min 静jing 丽li 强qiang 磊lei 军jun 洋yang 勇yong 艳yan 杰jie 娟juan 涛tao 明ming 超chao 秀xiu
霞xia 平ping 刚gang 桂gui 文wen 辉hui 玲ling 建jian 华hua 国guo 红hong 志zhi 晓xiao 雪xue 梅mei 宇yu 欣xin 思si
佳jia 子zi 涵han 浩hao 然ran 博bo 海hai 云yun 峰feng 鹏peng 飞fei 龙long 春chun 燕yan 兰lan 英ying 清qing 康kang
""")
TITLES = ("主任医师", "副主任医师", "主治医师", "医师")
TOPICS = _words("""
糖尿病 高血压 冠心病 哮喘 甲状腺结节 痛风 肥胖 妊娠糖尿病 失眠 湿疹 骨质疏松 偏头痛 胃炎 肝炎 肾病 贫血 过敏
颈椎病 抑郁 白内障 癫痫 白癜风 类风湿关节炎 前列腺增生 乳腺结节 子宫肌瘤 近视 鼻炎 中耳炎 龋齿 脱发 焦虑
""")
TOPICS_EN = _words("""
diabetes hypertension asthma thyroid gout obesity insomnia eczema osteoporosis migraine gastritis hepatitis anaemia
""")
NOUNS = _words("诊治 手术 康复 随访 微创治疗 药物治疗 综合管理 早期筛查 健康教育 营养指导")
KINDS = (("人民医院", "People's Hospital"), ("中心医院", "Central Hospital"), ("儿童医院", "Children's Hospital"))
PHRASES = (
    "从事临床工作{years}年，擅长{topic}的{noun}",
    "毕业于{city}医科大学，曾在国外进修{topic}",
    "主持多项关于{topic}的研究，发表论文{years}篇",
    "Trained in {topic_en} and follow-up of chronic disease for {years} years",
    "热心解答患者关于{topic}与{noun}的问题",
    "对{topic}的{noun}有丰富经验",
)
DEPARTMENTS = list(departments().values())
FEES_MINOR = (None, 0, 990, 1900, 2900, 4900, 9900)
_NOW = datetime.now(UTC)


async def fill(connection: asyncpg.Connection, how_many: int) -> None:
    """Write so many doctors, their hospitals and words, and have PostgreSQL look at them."""
    chance = random.Random(7)
    hospitals = [_hospital(chance) for _ in range(HOSPITALS)]
    await _copy(connection, "hospital", [hospital.model_dump() for hospital in hospitals])
    words: set[str] = set()
    doctors = []
    for _ in range(how_many):
        doctor, hospital = _doctor(chance, hospitals)
        found_by = document_of(doctor, hospital)
        words |= found_by.words
        doctors.append(doctor.model_dump(exclude={"document", "lowest_fee_minor"}) | {"lexemes": found_by.lexemes})
    await connection.execute(
        "create temporary table arrival (like doctor, lexemes text[]);"
        "alter table arrival drop column document, drop column lowest_fee_minor"
    )
    await _copy(connection, "arrival", doctors)
    kept = ", ".join(column for column in doctors[0] if column != "lexemes")
    await connection.execute(
        f"insert into doctor ({kept}, document) select {kept}, array_to_tsvector(lexemes) from arrival",  # noqa: S608  fixed words
        timeout=600,
    )
    await _copy(connection, "search_word", [{"word": word} for word in words])
    for table in ("doctor", "hospital", "search_word"):
        await connection.execute(f"vacuum analyze {table}", timeout=600)


async def _copy(connection: asyncpg.Connection, table: str, rows: list[dict[str, Any]]) -> None:
    records = [tuple(row.values()) for row in rows]
    await connection.copy_records_to_table(table, records=records, columns=list(rows[0]))


def _hospital(chance: random.Random) -> HospitalRow:
    city, number, (kind, kind_en) = chance.choice(CITIES), chance.randint(1, 12), chance.choice(KINDS)
    return HospitalRow(
        hospital_id=UUID(int=chance.getrandbits(128), version=4),
        name=f"{city}市第{number}{kind}",
        name_en=f"{kind_en} No. {number}",
        grade=chance.choice(GRADES),
        city=city,
    )


def _doctor(chance: random.Random, hospitals: list[HospitalRow]) -> tuple[DoctorRow, HospitalRow]:
    hospital, rated = chance.choice(hospitals), chance.random() < 0.7
    languages = ["zh", *(["en"] if chance.random() < 0.25 else []), *(["ja"] if chance.random() < 0.02 else [])]
    fees = [chance.choice(FEES_MINOR) for _ in range(3)]
    doctor = DoctorRow(
        doctor_id=UUID(int=chance.getrandbits(128), version=4),
        display_name=_name(chance),
        title=chance.choice(TITLES),
        licence_end_time=_NOW + timedelta(days=chance.randint(-100, 1500)),
        first_registration_date=date(2005, 1, 1),
        hospital_id=hospital.hospital_id,
        department_code=chance.choice(DEPARTMENTS).code,
        listed=chance.random() < 0.97,
        specialties=[
            *(
                topic + chance.choice(("", "", chance.choice(NOUNS)))
                for topic in chance.sample(TOPICS, chance.randint(1, 4))
            ),
            *chance.sample(TOPICS_EN, chance.randint(0, 1)),
        ],
        languages=languages,
        language_ranges=languages,
        biography=_biography(chance, hospital.city),
        text_fee_minor=1900 if fees == [None] * 3 else fees[0],
        voice_fee_minor=fees[1],
        video_fee_minor=fees[2],
        next_slot_time=_NOW + timedelta(minutes=30 * chance.randint(1, 2000)) if chance.random() < 0.6 else None,
        rating_average=round(chance.uniform(3, 5), 3) if rated else 0,
        rating_count=chance.randint(1, 900) if rated else 0,
        answer_minutes=chance.uniform(1, 600) if rated else None,
    )
    return doctor, hospital


def _name(chance: random.Random) -> str:
    """Two of five also in Latin letters."""
    surname, given = chance.choice(SURNAMES), chance.sample(GIVEN, chance.choice((1, 2, 2)))
    name = surname[0] + "".join(part[0] for part in given)
    if chance.random() < 0.4:
        name += f" {''.join(part[1:] for part in given).title()} {surname[1:]}"
    return name


def _biography(chance: random.Random, city: str) -> str:
    return "；".join(
        phrase.format(
            years=chance.randint(4, 35),
            city=city,
            topic=chance.choice(TOPICS),
            topic_en=chance.choice(TOPICS_EN),
            noun=chance.choice(NOUNS),
        )
        for phrase in chance.sample(PHRASES, chance.randint(1, 4))
    )


def _specialty(chance: random.Random, topic: str) -> str:
    return topic + chance.choice(("", "", chance.choice(NOUNS)))
