"""Urgency cues with names a person can read: what the rubric in `docs/labels.md` lists.

A cue is evidence for the urgency head, which weighs it beside the whole sentence; none decides
alone. Two that together are a line of the rubric for *critical* raise a message to it; nothing
lowers one. All patterns read the folded, lower-case text.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from classifier.text import word

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Phrases:
    """Words in many languages: alphabetic ones start at a word border, the others anywhere.
    `begun` are the first words of the alphabetic ones, with a closing `.` when nothing follows."""

    alphabetic: re.Pattern[str]
    anywhere: re.Pattern[str]
    begun: frozenset[str]


def _pattern(words: str) -> Phrases:
    """`_` is a blank, a closing `.` ends the word, else endings are free. Numbers stand anywhere:
    Chinese writes no blank around them."""
    latin = [w for w in words.split() if w[0].isascii() or "\u00c0" <= w[0] <= "\u024f"]
    alphabetic = [w for w in latin if not w.isdigit()]
    anywhere = [w for w in words.split() if w not in alphabetic]
    return Phrases(
        re.compile(rf"\b(?:{_either(alphabetic)})"),
        re.compile("|".join(map(_branch, anywhere))),
        frozenset(_first_word(phrase) for phrase in alphabetic),
    )


def _either(phrases: Iterable[str]) -> str:
    """A pattern of the phrases in this order, those with the same first letter tried together."""
    rests: dict[str, list[str]] = {}
    for phrase in phrases:
        rests.setdefault(phrase[0], []).append(_branch(phrase[1:]))
    return "|".join(f"{first}(?:{'|'.join(rest)})" for first, rest in rests.items())


def _branch(word: str) -> str:
    if word.isdigit():
        return rf"(?<!\d){word}(?!\d)"
    body = re.escape(word.rstrip(".")).replace("_", r"\s+")
    return f"{body}\\b" if word.endswith(".") else body


def _first_word(phrase: str) -> str:
    found = WORD.match(phrase.replace("_", " "))
    whole = found[0] if found else ""
    return whole if whole == phrase else f"{whole}."


def _any_of(words: Iterable[str]) -> str:
    """A pattern that finds the beginnings of words letter by letter; the shortest is enough."""
    rests: dict[str, list[str]] = {}
    for one in words:
        if not one:
            return ""
        rests.setdefault(one[0], []).append(one[1:])
    tried = (r"\b" if first == "." else first + _any_of(rest) for first, rest in rests.items())
    return f"(?:{'|'.join(tried)})"


PATTERNS: dict[str, Phrases] = {
    word("legal or press threat"): _pattern("""
        lawyer lawsuit attorney solicitor sue. suing court. ombuds regulator authority. authorities.
        press. newspaper journalist reporter consumer_protection legal_action legal_step cfpb. fca.
        small_claims police.
        律师 律師 起诉 起訴 提告 告你们 告你們 消协 消保 12315 12378
        银保监 金管会 金管會 金融局 监管 监理
        曝光 媒体 媒體 记者 記者 法院 报警 報警 立案 诉讼 訴訟 信访 见报
        abogad demanda denuncia omic. condusef prensa profeco tribunal consumidor juzgado
        procon. advogad justiça processo. processar imprensa reclame_aqui bacen banco_central
        ojk. pengacara somasi viralkan gugat ylki polisi media. lapor
        弁護士 訴え 消費者センター 消費生活 金融庁 新聞 警察 法的 裁判
        변호사 소송 고소 소비자원 금감원 금융감독원 언론 제보 경찰 법적 기자
        avocat médiateur plainte presse. acpr. dgccrf justice. huissier mise_en_demeure
        anwalt anwält klage. gericht bafin anzeige verbraucherzentrale polizei zeitung
        محامي المحامي محكم دعوى البنك_المركزي الصحاف قضي الشرطة شكوى_رسمية ساما
    """),
    word("deadline"): _pattern("""
        today. tonight. tomorrow. tmrw tmr. by_mon by_tue by_wed by_thu by_fri by_sat by_sun by_noon
        deadline due. before_ rent. payroll salary wages eviction evict flight boarding hospital
        medic surgery last_day expires
        今天 今晚 明天 明早 之前 截止 最后期限 房租 急
        等着 等著 手术 手術 住院 登机 登機 工资 薪水 学费 學費
        hoy. mañana. alquiler urgent vence antes_de sueldo nómina renta. vuelo operación
        hoje. amanhã aluguel vencimento salário até_as voo. hospital
        hari_ini besok malam_ini kontrakan kos. darurat gaji mendesak rumah_sakit sebelum
        今日 本日 明日 今夜 家賃 至急 期限 給料 までに 入院
        오늘 내일 월세 급해 급합 마감 월급 병원 까지
        aujourd demain. ce_soir loyer salaire avant_ vol. échéance
        heute. morgen. miete dringend frist. gehalt flug. spätestens
        اليوم بكرة غدا الليلة ايجار إيجار عاجل ضروري راتب قبل_ المستشفى عملية
    """),
    word("happening now"): _pattern("""
        right_now as_i_type happening still_going keeps_ another_one one_by_one one_after
        stop_it stop_this stop_him stop_them stop_that freeze immediately asap watching
        现在 正在 马上 立刻 立即 一笔一笔 一筆一筆 还在扣 還在扣 快冻结 快凍結 刚刚 剛剛 還在 还在转
        ahora_mismo ya_mismo sigue bloqueen acaba_de en_este_momento
        agora. continua. bloquei acabou_de neste_momento socorro
        sekarang masih_jalan segera terus barusan tolong_blokir
        今すぐ すぐ たった今 今まさに 止めて
        지금 당장 계속 방금 막아
        en_ce_moment tout_de_suite immédiatement bloquez continue.
        gerade. sofort. jetzt. läuft_noch
        الحين الآن الان فورا حالا لسا وقفوا
    """),
    word("repeated contact"): _pattern("""
        third_time third_message 3rd_ fourth_ 4th_ fifth_ 5th_ sixth_ last_time weeks. months.
        no_reply no_answer no_response nobody_ no_one_ ignored ignoring again_and_again
        第三次 第四次 第五次 好几次 好幾次 多次 几次了 幾次了
        两周 三周 星期 禮拜 礼拜 个月 個月 没人 沒人
        semanas tercera_vez cuarta_vez meses. nadie_ sin_respuesta
        terceira_vez quarta_vez ninguém_ sem_resposta meses.
        minggu. bulan. ketiga keempat berkali gak_ada_respon tidak_ada_balasan
        週間 ヶ月 か月 カ月 3回目 三回目 4回目 四回目 返事が 返信が
        주째 달째 세_번 네_번 번째 답변이_없
        semaines mois. troisième quatrième 3e_ 4e_ sans_réponse personne_ne
        wochen monate dritte vierte keine_antwort niemand
        اسابيع أسابيع اسبوعين أسبوعين شهر ثالث_مر للمرة_الثالثة محد ولا_رد
    """),
    word("not me"): _pattern("""
        not_me. wasn't_me didn't_make didn't_authori didn't_do never_authori unauthori
        unknown_charge unknown_transfer hack stolen stole. scam snatched
        不是我 盗刷 盜刷 被盗 被盜
        不认识的 不認識的 未授权 未授權 被骗 被騙 黑客 駭客 被抢 被搶 被偷
        yo_no_fui no_reconozco robaron robó robo. hacke estafa
        não_fui_eu roub hacke golpe. furt não_reconheço
        bukan_saya dibobol dicuri penipu dicopet dihack kemalingan
        身に覚え 不正 乗っ取 盗ま 詐欺
        저_아니 도용 해킹 도난 사기 모르는
        pas_moi pirat volé voler arnaque
        ich_nicht gehackt gestohlen geklaut betrug
        مو_انا مش_انا لست_انا سرق اخترا هكر نصاب احتيال
    """),
    word("secret given"): _pattern("""
        gave_him_ gave_her_ gave_them_ gave_my_ gave_the_code gave_out_ gave_away_my read_him_
        read_her_ read_them_ read_out_ told_him_the told_them_the told_them_my put_my_card
        typed_my_ entered_my_ shared_my_ sent_them_the_code sent_him_the_code code_and_then
        报给 報給 告诉他 告訴他 告诉了 发给了 發給了 念了 填了 输了 輸了 给了他 俾咗
        le_di_ les_di_ di_mi_clave di_el_código pasé_la pasé_el le_pasé metí_ puse_mi
        passei_ dei_a_senha dei_o_código informei_ digitei_ botei_ pus_ coloquei_
        kasih_otp kasih_kode kasih_pin sebutin_ nyebutin_ isi_kartu udah_kasih
        教えちゃ 教えてしま 教えた 伝えてしま 入力してしま 入れちゃ 読み上げ
        불러줬 불러준 불러 알려줬 알려준 알려드렸 입력했 넣었
        donné_le donné_mon donné_ma donné_mes dicté_ saisi_ rempli_
        vorgelesen durchgegeben weitergegeben eingegeben verraten gegeben
        عطيت أعطيت اعطيت قلت_له قلتله حطيت كتبت_الرمز
    """),
    word("money gone"): _pattern("""
        gone. missing. emptied empty. drained draining disappear vanish nothing_in wiped_out
        was_taken were_taken took_out went_out going_out zero.
        没了 沒了 不见了 不見了 转走 轉走 扣走 被扣 空了 少了 没剩 只剩 得返 清空
        sacaron sacando vaciaron vaci desapareci faltan. falta.
        sumiu sumiram zerou zerad levaram limparam esvazi saiu. saindo
        hilang raib ludes kepotong terkuras habis lenyap
        引かれ 引き落と なくな 消え 抜かれ 空っぽ
        빠져 빠졌 나갔 사라 없어졌 인출 털렸
        parti. partis. parties. disparu vidé. envol
        weg. leer. verschwunden abgebucht fehlt fehlen leergeräumt
        راحت راح. سحب انسحب اختف نقص فضي
    """),
}
BEGUN = frozenset().union(*(phrases.begun for phrases in PATTERNS.values()))
BEGINNING = re.compile(rf"\b{_any_of(sorted(BEGUN))}")
SPEAKS_FOR = {  # the beginning of a word: which patterns have one that is alike
    begun.rstrip("."): frozenset(
        name
        for name, phrases in PATTERNS.items()
        if any(w.startswith(begun.rstrip(".")) or begun.startswith(w) for w in phrases.begun)
    )
    for begun in BEGUN
}
LARGE_DOLLARS = 900
NAMES = (
    *PATTERNS,
    word("amount"),
    word("large amount"),
    word("shouting"),
    word("exclamation"),
    word("question"),
)
# Name of a line of the rubric, and the cues that must both be there.
CRITICAL: dict[str, tuple[str, str]] = {
    word("money leaving now"): ("happening now", "money gone"),
    word("secret given, money gone"): ("secret given", "money gone"),
    word("large loss"): ("large amount", "money gone"),
    word("large charge by another"): ("large amount", "not me"),
    word("threat with a deadline"): ("legal or press threat", "deadline"),
}

MARK = re.compile(r"""
    (?: (?P<sign> r\$ | [$€£¥₩₹₦₺] ) \s?
        | \b(?P<code> ksh|usd|eur|gbp|rmb|cny|jpy|krw|idr|brl|mxn|sar|aed|twd|hkd|rp )\s ) \Z
""", re.VERBOSE)  # fmt: skip
LONGEST_MARK = 4
AMOUNT = r"""
    [\d一二两兩三四五六七八九十百几幾成]
        (?: (?<=\d)(?: \d{0,2}(?:\s\d{3})+(?!\d) | [\d.,]*\d | )
        | (?<!\d)[一二两兩三四五六七八九十百几幾成]*(?=[万萬千]) )
"""
UNIT = r"""
    \s?
    (?P<scale> (?:grand|k|mil|rb|ribu|jt|juta|millones|milhões|tausend)\b | [万萬만億亿千천]
        | الف | ألف )?
    \s? (?P<unit> [$€£¥₩₹] | (?:usd|dollar|dólar|buck|eur|pound|quid|reais|pesos|rupiah)
        | 日元 | 美元 | 美金 | ドル | 달러 | ウォン | [元块塊蚊円원] | ريال | درهم | جنيه | دولار )?
"""
MONEY = re.compile(f"(?P<number>{AMOUNT}){UNIT}", re.VERBOSE)
SPOKEN_MONEY = re.compile(rf"(?P<number>{AMOUNT}|\b\w{{2,9}}(?=\s+grand\b)){UNIT}", re.VERBOSE)
SCALES = {
    **dict.fromkeys(("k", "grand", "mil", "rb", "ribu", "tausend", "千", "천", "الف", "ألف"), 1e3),
    **dict.fromkeys(("万", "萬", "만"), 1e4),
    **dict.fromkeys(("jt", "juta", "millones", "milhões"), 1e6),
    **dict.fromkeys(("億", "亿"), 1e8),
}
# Rough dollars per unit (2025): enough to tell 10 from 1,000.
DOLLARS = {
    **dict.fromkeys(("¥", "rmb", "cny", "元", "块", "塊", "万", "萬", "亿"), 0.14),
    **dict.fromkeys(("jpy", "円", "日元", "億"), 0.007),
    **dict.fromkeys(("₩", "krw", "원", "만", "천"), 0.0007),
    **dict.fromkeys(("rp", "idr", "rupiah", "rb", "ribu", "jt", "juta"), 0.00006),
    **dict.fromkeys(("r$", "brl", "reais"), 0.18),
    **dict.fromkeys(("sar", "ريال", "aed", "درهم"), 0.27),
    **dict.fromkeys(("mxn", "pesos"), 0.05),
    **dict.fromkeys(("₹", "twd", "جنيه"), 0.02),
    **dict.fromkeys(("hkd", "蚊"), 0.13),
    **dict.fromkeys(("₦", "ウォン"), 0.0007),
    "ksh": 0.008,
    "₺": 0.025,
    "grand": 1.0,
}
UNMARKED_DOLLARS = 0.2
HOTLINES = ("12315", "12378")
"""Of authorities, in the patterns above: no sum of money."""
YEARS = range(1900, 2100)


def named_cues(folded: str) -> dict[str, float]:
    """Strength of each cue in 0..1, in the order of `NAMES`."""
    return dict(zip(NAMES, _strengths(folded), strict=True))


def cue_rows(folded: Sequence[str]) -> "npt.NDArray[np.float64]":
    """(len(folded), len(NAMES)) strengths."""
    import numpy as np

    rows = [_strengths(text) for text in folded]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(NAMES))


def _strengths(folded: str) -> list[float]:
    lower = folded.lower()
    dollars = largest_amount(lower)
    capitals = 0 if lower == folded else sum(map(str.isupper, folded))
    letters = sum(map(str.isalpha, folded)) if capitals else 0
    return [
        *(min(1.0, times / 2) for times in _counts(lower)),
        min(1.0, math.log10(1 + dollars) / 4),
        float(dollars >= LARGE_DOLLARS),
        capitals / max(letters, 8),
        min(1.0, folded.count("!") / 3),
        float("?" in folded),
    ]


def _counts(lower: str) -> list[int]:
    """How often phrases of each of `PATTERNS` stand in the text. Few texts have one at all, so that
    what they begin with is looked for first."""
    counts = dict.fromkeys(PATTERNS, 0)
    begun = set(BEGINNING.findall(lower))
    for name in {name for beginning in begun for name in SPEAKS_FOR[beginning]}:
        counts[name] += len(PATTERNS[name].alphabetic.findall(lower))
    if not lower.isascii():
        for name, phrases in PATTERNS.items():
            counts[name] += len(phrases.anywhere.findall(lower))
    return list(counts.values())


def raised(rows: "npt.NDArray[np.floating[Any]]") -> "npt.NDArray[np.bool_]":
    """(rows,) whether the cues of a row are a line of the rubric for *critical*."""
    import numpy as np

    one, other = np.array([[NAMES.index(cue) for cue in both] for both in CRITICAL.values()]).T
    both = (rows[:, one] > 0) & (rows[:, other] > 0)
    return cast("npt.NDArray[np.bool_]", both.any(axis=1))


def critical_lines(cues: Mapping[str, float]) -> list[str]:
    """The names of the lines of the rubric for *critical* that the cues are."""
    return [name for name, both in CRITICAL.items() if all(cues[cue] > 0 for cue in both)]


def largest_amount(lower: str) -> float:
    """The largest sum of money named in the text, in rough US dollars; 0 when there is none.

    A number without currency counts from 1,000, and never as a year, a phone or a card number.
    """
    largest, end = 0.0, 0
    for match in (SPOKEN_MONEY if "grand" in lower else MONEY).finditer(lower):
        before = MARK.search(lower, max(end, match.start() - LONGEST_MARK), match.start())
        largest = max(
            largest, _dollars(match, (before["sign"] or before["code"]) if before else "")
        )
        end = match.end()
    return largest


def _dollars(match: re.Match[str], mark: str) -> float:
    number, scale = match["number"], match["scale"] or ""
    currency = mark or match["unit"] or (scale if scale in DOLLARS else "")
    value = _value(number, decimals=bool(scale)) * SCALES.get(scale, 1.0)
    if currency:
        return value * DOLLARS.get(currency, 1.0)
    plain = len(number) > 7 or number in HOTLINES or (value in YEARS and len(number) == 4)
    return value * UNMARKED_DOLLARS if value >= 1000 and not plain else 0.0


def _value(number: str, decimals: bool) -> float:
    """`1.234,50` and `1,234.50` alike; before a scale word `1.9` is a fraction, else `1.900`."""
    if not number[0].isdigit():
        return _spelt(number)
    tail = re.search(r"[.,](\d{1,2})$", number)
    whole = re.sub(r"[.,\s]", "", number[: tail.start()] if tail else number)[:12]
    return float(whole or 0) + (float(f"0.{tail[1]}") if tail and decimals else 0.0)


def _spelt(number: str) -> float:
    """`百二十` is 120; where it says no number that is known here, a couple."""
    total, digit = 0, 0
    for sign in number:
        tens = {"十": 10, "百": 100}.get(sign)
        total += (digit or 1) * tens if tens else 0
        digit = 0 if tens else "一二三四五六七八九".find(sign) + 1
    return float(total + digit or 2)
