"""Texts that hypothesis makes for the kernels: many scripts, marks, controls and cuts."""

from hypothesis import strategies as st

ALPHABET = (
    "abcXYZ ,.-'’ \n\t0129٣۴"
    "ابتةىيکكؤئأإآٱءهہےں ـَُِّْٰ\u200c\u200d\u200f\u2067"
    "éÉßİıñŁﬁ½²"
    "авеЁйШ αβΣς"
    "שׁלוםּ हिन्दी क़ কো ไทย ລາວ ខ្មែរ"
    "漢字かがカガﾊﾟー々〇한글각각㍿ﷺ﷽𠀀🙂️"
)
words = st.text(st.sampled_from(ALPHABET), max_size=60)
texts = st.one_of(words, st.text(max_size=60), st.text(st.sampled_from("ab ا "), max_size=80))


@st.composite
def texts_with_cuts(draw):
    text = draw(texts)
    points = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6)))
    cuts = [(a, b) for a, b in zip(points[::2], points[1::2], strict=False) if a < b]
    return text, cuts
