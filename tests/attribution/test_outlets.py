import string

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tld import get_tld

from dedupe.attribution.outlet_names import fold_name, fold_names
from dedupe.attribution.outlet_nouns import reduce_name
from dedupe.attribution.outlets import load_outlets
from dedupe.models import OutletKind

OUTLETS = load_outlets()
ALL = list(OUTLETS)


def key_of(name, url=None, context=False):
    outlet = OUTLETS.resolve(name, url, agency_context=context)
    return outlet.key if outlet else None


# --- the shipped file


def test_holds_at_least_420_outlets_of_which_160_are_arabic():
    assert len(OUTLETS) >= 420
    assert sum(outlet.languages[0] == "ar" for outlet in ALL) >= 160


def test_covers_every_arab_country():
    arab = "AE BH DJ DZ EG IQ JO KM KW LB LY MA MR OM PS QA SA SD SO SY TN YE"
    covered = {outlet.country for outlet in ALL if "ar" in outlet.languages}
    assert set(arab.split()) <= covered


def test_has_every_kind():
    assert {outlet.kind for outlet in ALL} == set(OutletKind)


def test_no_outlet_lists_one_alias_twice():
    for outlet in ALL:
        # name and English name may fold alike ("Al-Jazirah"), the others may not
        forms = [form.replace(" ", "") for form in fold_names(outlet.aliases)]
        others = [f for a, f in zip(outlet.aliases, forms, strict=True)
                  if a not in (outlet.name, outlet.english)]  # fmt: skip
        assert len(others) == len(set(others)), outlet.key


def test_names_hold_no_blank_ends_quotes_of_the_file_or_column_marks():
    for outlet in ALL:
        for name in outlet.aliases:
            assert name == name.strip()
            assert not set(name) & set("|;?'\n")


def _is_below_a_suffix(host):
    found = get_tld(host, fix_protocol=True, as_object=True)
    return found.fld != found.tld


def test_every_domain_can_be_registered_and_leads_to_its_outlet():
    for outlet in ALL:
        for domain in outlet.domains:
            assert _is_below_a_suffix(domain.partition("/")[0])
            assert key_of(None, f"https://{domain}/2024/01/x.html") == outlet.key
            assert key_of(None, f"https://{domain}") == outlet.key


def test_every_alias_resolves_to_its_own_outlet_or_is_marked_ambiguous():
    for outlet in ALL:
        for alias in outlet.aliases:
            found = OUTLETS.resolve(alias)
            if alias in outlet.ambiguous:
                assert found is None, (alias, outlet.key)
            else:
                assert found is outlet, (alias, outlet.key)


def test_an_ambiguous_alias_resolves_in_context_or_names_several():
    claims = {}
    for outlet in ALL:
        for alias in outlet.ambiguous:
            claims.setdefault(fold_name(alias).replace(" ", ""), set()).add(outlet.key)
    for outlet in ALL:
        for alias in outlet.ambiguous:
            found = OUTLETS.resolve(alias, agency_context=True)
            rivals = claims[fold_name(alias).replace(" ", "")]
            assert found is None or (found is outlet and rivals == {outlet.key})


def test_an_ambiguous_alias_resolves_with_an_address_of_its_outlet():
    for outlet in ALL:
        if outlet.domains:
            for alias in outlet.ambiguous:
                assert OUTLETS.resolve(alias, f"https://{outlet.domains[0]}/a") is outlet


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("AP", "ap"), ("أسوشيتد برس", "ap"), ("أ ب", "ap"), ("美联社", "ap"), ("【AP】", "ap"),
        ("एपी", "ap"), ("АП", "ap"), ("AP通信", "ap"), ("اے پی", "ap"), ("AFP", "afp"),
        ("أ.ف.ب", "afp"), ("ا ف ب", "afp"), ("الفرنسية", "afp"), ("法新社", "afp"),
        ("فرانس‌پرس", "afp"), ("АФП", "afp"), ("एएफपी", "afp"), ("رويترز", "reuters"),
        ("رویترز", "reuters"), ("رائٹرز", "reuters"), ("ロイター", "reuters"),
        ("ﾛｲﾀｰ", "reuters"), ("路透社", "reuters"), ("Thomson Reuters", "reuters"),
        ("بلومبيرغ", "bloomberg"), ("彭博", "bloomberg"), ("UPI", "upi"),
        ("CP", "canadian_press"), ("The Canadian Press", "canadian_press"), ("PA", "pa_media"),
        ("AAP", "aap"), ("د ب أ", "dpa"), ("dpa/lno", "dpa"), ("dpa-AFX", "dpa_afx"),
        ("sid", "sid"), ("epd", "epd"), ("dts", "dts"), ("ots", None),
        ("kathpress", "kathpress"), ("sda", "keystone_sda"), ("Keystone-ATS", "keystone_sda"),
        ("AWP", "awp"), ("EFE", "efe"), ("إفي", "efe"), ("Europa Press", "europa_press"),
        ("Lusa", "lusa"), ("Agência Brasil", "agencia_brasil"),
        ("Estadão Conteúdo", "estadao_conteudo"), ("Folhapress", "folhapress"),
        ("ANSA", "ansa"), ("آكي", "adnkronos"), ("AGI", "agi"), ("askanews", "askanews"),
        ("Agenzia Nova", "nova_it"), ("Italpress", "italpress"), ("Dire", "dire_it"),
        ("BELGA", "belga"), ("PAP", "pap"), ("ČTK", "ctk"), ("TASR", "tasr"), ("MTI", "mti"),
        ("Agerpres", "agerpres"), ("БТА", "bta"), ("Танјуг", "tanjug"), ("Beta", "beta_rs"),
        ("Fena", "fena"), ("Hina", "hina"), ("STA", "sta"), ("MIA", "mia"), ("ATA", "ata"),
        ("УНІАН", "unian"), ("Укрінформ", "ukrinform"),
        ("Інтерфакс-Україна", "interfax_ukraine"), ("ΑΠΕ-ΜΠΕ", "ana_mpa"), ("ΚΥΠΕ", "cna_cy"),
        ("TT", "tt"), ("NTB", "ntb"), ("Ritzau", "ritzau"), ("STT", "stt"), ("BNS", "bns"),
        ("LETA", "leta"), ("ELTA", "elta"), ("ТАСС", "tass"), ("تاس", "tass"),
        ("نوفوستي", "ria"), ("РИА Новости", "ria"), ("سبوتنيك", "sputnik_ar"),
        ("Интерфакс", "interfax"), ("Росбалт", "rosbalt"), ("Regnum", "regnum"),
        ("الأناضول", "aa"), ("AA", "aa"), ("DHA", "dha"), ("İHA", "iha"), ("ANKA", "anka"),
        ("إرنا", "irna"), ("ایسنا", "isna"), ("فارس", "fars"), ("تسنيم", "tasnim"),
        ("مهر", "mehr"), ("ایلنا", "ilna"), ("باشگاه خبرنگاران", "yjc"), ("ابنا", "abna"),
        ("IQNA", "iqna"), ("((شينخوا))", "xinhua"), ("新華社", "xinhua"), ("新华网", "xinhua"),
        ("中新社", "cns_cn"), ("中央社", "cna_tw"), ("كيودو", "kyodo"), ("（共同）", "kyodo"),
        ("（時事）", "jiji"), ("يونهاب", "yonhap"), ("연합뉴스", "yonhap"),
        ("뉴시스", "newsis"), ("News1", "news1_kr"), ("朝中社", "kcna"), ("PTI", "pti"),
        ("ANI", None), ("आईएएनएस", "ians"), ("UNI", "uni_in"), ("يو اين آئى", "uni_in"),
        ("اے پی پی", "app_pk"), ("این این آئی", "nni_pk"), ("آئی این پی", "inp_pk"),
        ("آن لائن", "online_pk"), ("PPI", "ppi_pk"), ("বাসস", "bss"), ("ইউএনবি", "unb"),
        ("Lankapuvath", "lankapuvath"), ("RSS", "rss_np"), ("ANTARA", "antara"),
        ("برناما", "bernama"), ("PNA", "pna"), ("TNA", "tna_th"), ("TTXVN", "vna"),
        ("AKP", "akp"), ("KPL", "kpl"), ("وام", "wam"), ("واس", "spa"), ("أ ش أ", "mena"),
        ("MENA", "mena"), ("قنا", "qna"), ("كونا", "kuna"), ("بنا", "bna"), ("العمانية", "ona"),
        ("بترا", "petra"), ("سانا", "sana"), ("SANA", "sana"),
        ("الوكالة الوطنية للإعلام", "nna_lb"), ("واع", "ina"), ("NINA", "nina"),
        ("وفا", "wafa"), ("معا", "maan"), ("سبأ", "saba_ye"), ("سونا", "suna"), ("وال", "lana"),
        ("SONNA", "sonna"), ("الوكالة الموريتانية", "ami_mr"), ("APS", None), ("وأج", "aps_dz"),
        ("وات", "tap"), ("و م ع", "map"), ("لاماب", "map"), ("يونا", "una"), ("إينا", "una"),
        ("NAN", "nan"), ("GNA", "gna"), ("KNA", None), ("ANGOP", "angop"), ("ENA", "ena_et"),
        ("SAnews", "sanews"), ("بانا", "pana"), ("Notimex", "notimex"), ("Télam", "telam"),
        ("AVN", "avn"), ("ABI", "abi"), ("Prensa Latina", "prensa_latina"),
        ("ANSA Latina", "ansa"), ("Andina", "andina"), ("JTA", "jta"), ("IPS", "ips"),
        ("CNA", None), ("BNA", "bna"), ("INA", "ina"), ("UNA", "una"),
        ("Tribune News Service", "tribune_content"), ("The-CNN-Wire", "cnn_wire"),
        ("خدمة «نيويورك تايمز»", "nyt_news_service"),
        ("خدمة «واشنطن بوست»", "wapo_news_service"), ("Project Syndicate", "project_syndicate"),
        ("SyndiGate Media Inc.", "syndigate"), ("States Newsroom", "states_newsroom"),
        ("HTDS", "ht_syndication"), ("Stacker", "stacker"), ("KFF Health News", "kff_health"),
        ("MSN", "msn"), ("Yahoo!", "yahoo"), ("/PRNewswire/", "prnewswire"),
        ("GLOBE NEWSWIRE", "globenewswire"), ("PNN", None), ("Business Wire", "businesswire"),
        ("Accesswire", "accesswire"), ("NewsVoir", "newsvoir"),
        ("EIN Presswire", "einpresswire"), ("ANI Press Release", "ani_press_release"),
        ("PR Wire", "antara_prwire"), ("news aktuell", "news_aktuell"), ("نبض", "nabd"),
        ("أخبارك", "akhbarak"), ("Devdiscourse", "devdiscourse"),
    ],
)  # fmt: skip
def test_credits_as_agencies_write_them_resolve_in_context(written, key):
    assert key_of(written, context=True) == key


def test_knows_both_outlets_of_the_seed():
    assert key_of("البوابة العربية للأخبار التقنية") == "aitnews"
    assert key_of("مصر اليوم") == "masr_alyoum"
    assert key_of(None, "https://www.aitnews.com/2025/12/10/x/") == "aitnews"
    assert key_of("المصري اليوم") == "almasryalyoum"  # another paper


@pytest.mark.parametrize(
    ("code", "key"),
    [
        ("aawsat", "aawsat"), ("alriyadh", "alriyadh"), ("3alyoum", "ain_alyoum"),
        ("sabq", "sabq"), ("aljazirah", "aljazirah_sa"), ("alyaum", "alyaum"),
        ("aleqtisadiya", "aleqtisadiya"), ("okaz", "okaz"), ("alweeam", "alweeam"),
        ("almadina", "almadina"), ("arreyadi", "arreyadi"),
    ],
)  # fmt: skip
def test_knows_the_codes_that_data_sets_use_for_saudi_papers(code, key):
    assert key_of(code) == key


# --- folding


@pytest.mark.parametrize(
    "spellings",
    [
        ("أ.ف.ب", "أ ف ب", "ا ف ب", "اف ب", "أ. ف. ب.", "(أ ف ب)", "اـفـب"),
        ("A.P.", "AP", "A. P.", "ＡＰ"),
        ("وكالة أنباء الأناضول", "الأناضول", "«الاناضول»", "الأنـاضـول", "الأَناضول."),
        ("صحيفة الشرق الأوسط", "الشرق الاوسط", "جريدة «الشرق الأوسط»"),
        ("فرانس‌پرس", "فرانس پرس", "فرانسپرس"),
        ("The New York Times newspaper", "the NEW YORK TIMES", "“New York Times”."),
        ("Agencia Télam", "Telam", "agencia TELAM"),
        ("ロイター", "ﾛｲﾀｰ"),
        ("L’Équipe", "L'Equipe", "LEQUIPE"),
        ("فرانس 24", "فرانس ٢٤", "فرانس ۲۴"),
    ],
)
def test_spellings_of_one_name_are_one_name(spellings):
    assert len({OUTLETS.fold(name) for name in spellings}) == 1


def test_a_title_of_one_word_keeps_its_article():
    assert OUTLETS.fold("The Sun") == "the sun"
    assert OUTLETS.fold("Sun") == "sun"
    assert key_of("The Sun") == "the_sun"
    assert key_of("Sun") is None
    assert key_of("Sun", context=True) == "the_sun"
    assert key_of("Jerusalem Post") == key_of("The Jerusalem Post") == "jpost"


def test_marks_that_carry_meaning_stay():
    assert fold_name("पीटीआई") != fold_name("पटआई")
    assert fold_name("ไทยรัฐ") != fold_name("ไทยรฐ")


def test_a_generic_noun_is_never_all_that_is_taken():
    assert fold_name("The") == "the"
    assert reduce_name(fold_name("وكالة")) == []
    assert OUTLETS.fold("صحيفة") == fold_name("صحيفة")


NAMES = st.one_of(
    st.text(max_size=40),
    st.text("أإآاىيةه كک.ـ‌ًٌ'’«»ليوم", max_size=30),
    st.text("aA. -’&İıßﬁéê", max_size=20),
    st.sampled_from([alias for outlet in ALL for alias in outlet.aliases]),
)


@given(NAMES)
@example("İ.İ. ﬁ")
@example("the the وكالة")
@example("a b cd")
@settings(max_examples=400)
def test_folding_twice_is_folding_once(name):
    once = fold_name(name)
    assert fold_name(once) == once
    assert OUTLETS.fold(OUTLETS.fold(name)) == OUTLETS.fold(name)


@given(st.lists(NAMES, min_size=1, max_size=5))
def test_folding_many_is_folding_each(names):
    assert fold_names(names) == [fold_name(name) for name in names]


@given(
    st.sampled_from([o for o in ALL if not o.ambiguous]),
    st.sampled_from(["«{}»", "{}.", " {} ", "“{}”", "\u200f{}\u200f", "\u202b{}\u202c", "({})"]),
)
def test_dress_does_not_hide_a_name(outlet, dress):
    assert OUTLETS.resolve(dress.format(outlet.name)) is outlet


# --- names


def test_a_noun_tells_which_of_two_is_meant():
    assert key_of("الجزيرة") is None
    assert key_of("قناة الجزيرة") == "aljazeera"
    assert key_of("صحيفة الجزيرة") == "aljazirah_sa"
    assert key_of("صحيفة الرياض") == "alriyadh"
    assert key_of("وكالة معا") == "maan"


def test_a_noun_and_a_nation_tell_which_of_many_is_meant():
    assert key_of("صحيفة الوطن") is None
    assert key_of("جريدة الأخبار اللبنانية") == "alakhbar_lb"
    assert key_of("صحيفة العرب القطرية") == "alarab_qa"
    assert key_of("صحيفة الغد الأردنية") == "alghad_jo"
    assert key_of("صحيفة الأهرام اليمنية") is None


def test_a_country_alone_is_no_agency():
    for name in ("البحرين", "السعودية", "الإمارات", "Ghana", "Kenya", "Sudan"):
        assert key_of(name, context=True) is None
    assert key_of("وكالة أنباء البحرين") == "bna"


def test_what_several_are_called_needs_the_address():
    assert key_of("APS", context=True) is None
    assert key_of("APS", "https://www.aps.dz/ar/x") == "aps_dz"
    assert key_of("APS", "https://aps.sn/x") == "aps_sn"
    assert key_of("APS", "https://example.org/x") is None
    assert key_of("الوطن", "https://www.alwatan.com.sa/article/1") == "alwatan_sa"


def test_a_name_that_is_sure_outweighs_the_address_it_links_to():
    assert key_of("Reuters", "https://news.yahoo.com/x") == "reuters"


def test_an_abbreviation_that_means_much_else_needs_context():
    for name in ("AP", "PTI", "MENA", "SANA", "INA", "BNA", "UNA", "TNA", "RSS", "معا", "قنا"):
        assert key_of(name) is None
        assert key_of(name, context=True) is not None


def test_generic_credits_are_nobody():
    for name in ("وكالات", "الوكالات", "Agencias", "News agencies", "متابعات", "", " ", "."):
        assert key_of(name, context=True) is None


def test_a_misspelt_name_is_found_when_it_is_near_one_alone():
    assert key_of("The Wahsington Post") == "washpost"
    assert key_of("شرق الأوسط") == "aawsat"
    assert key_of("صحيفة الاقتصدية") == "aleqtisadiya"


def test_a_common_word_does_not_make_the_others_alike():
    for name in ("TVS News", "XTV Lebanon", "Zambia News Agency", "وكالة الأنباء الكوبية"):
        assert key_of(name, context=True) is None


def test_numbers_are_never_misspelt():
    assert key_of("القناة 15 الإسرائيلية") is None
    assert key_of("Kurdistan 25") is None


UNKNOWN = [
    "صحيفة صوت الوادي الجديد", "موقع نبأ حضرموت", "وكالة أخبار الصحراء الكبرى", "ديوان المظالم",
    "Highland Valley Sentinel", "Prairie County Observer", "Gemeindeblatt Hintertupfing",
    "La Voz de los Pueblos Unidos", "Ministry of Public Works", "Волжский земский курьер",
    "山川地方日報社報", "Jean-Baptiste Lemoine", "عبدالرحمن الزهراني",
]  # fmt: skip
DECORATIONS = st.sampled_from(["{}", "«{}»", "موقع {}", "the {}", "{} newspaper", "\u200f{}"])


@given(st.sampled_from(UNKNOWN), st.data(), DECORATIONS)
@settings(max_examples=300)
def test_a_perturbed_unknown_name_stays_unknown(name, data, decoration):
    at = data.draw(st.integers(0, len(name) - 1))
    letter = data.draw(st.sampled_from(string.ascii_lowercase + "ابتدرسلمنوي"))
    perturbed = data.draw(
        st.sampled_from([name, name[:at] + letter + name[at:], name[:at] + name[at + 1 :]])
    )
    assert key_of(decoration.format(perturbed), context=True) is None


# --- addresses


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.cnn.com/2024/x", "cnn"),
        ("https://arabic.cnn.com/x", "cnn_arabic"),
        ("https://www.bbc.com/arabic/articles/x", "bbc_arabic"),
        ("https://www.bbc.com/news/x", "bbc"),
        ("https://www.bbc.co.uk", "bbc"),
        ("https://news.yahoo.com/a?b=c#d", "yahoo"),
        ("//m.sabq.org/x", "sabq"),
        ("sabq.org", "sabq"),
        ("HTTPS://WWW.SPA.GOV.SA:443/x", "spa"),
        ("https://spa.gov.sa./x", "spa"),
        ("https://user@reuters.com/x", "reuters"),
        ("https://evil-reuters.com/x", None),
        ("https://reuters.com.evil.example/x", None),
        ("https://gov.sa/", None),
        ("https://com/", None),
        ("http://127.0.0.1/x", None),
        ("http://[::1]/x", None),
        ("http://[bad", None),
        ("not a url", None),
        ("https://مثال.إختبار/x", None),
    ],
)
def test_an_address_leads_to_the_outlet_of_its_host(url, key):
    assert key_of(None, url) == key


def test_a_name_that_is_an_address_is_read_as_one():
    assert key_of("www.washingtonpost.com") == "washpost"
    assert key_of("https://tech.qq.com/a/1.htm") == "tencent"
    assert key_of("nosuchsite-at-all.com") is None


@given(st.text(max_size=60), st.text(max_size=80), st.booleans())
@settings(max_examples=300)
def test_any_text_is_answered(name, url, context):
    found = OUTLETS.resolve(name, url, agency_context=context)
    assert found is None or found.key in OUTLETS


@given(st.text("abz0123456789.-_:/@[]%#? أ", max_size=60))
def test_any_address_is_answered(tail):
    assert OUTLETS.resolve(None, "http://" + tail) is None or tail


def test_oversized_input_is_not_looked_at():
    assert key_of("Reuters" + " " * 300) is None
    assert key_of(None, "https://reuters.com/" + "x" * 3000) is None
