"""Credits of agencies whose layout was lost: glued to headlines, set off by stops, behind "by"."""

import pytest
from attribution.reading import read

LEAD = "the quay was closed for the third time this year, and nobody at the office could say why."


CREDITED = {
    f"Muelle, el alcalde cierra el RomaRoma, 6 set. (askanews) – “Il molo {LEAD}": "askanews",
    f'A quay closes, says: "All must go" Roma, 2 mar. (Adnkronos) - "Il molo {LEAD}': "Adnkronos",
    f"Riots at the quay By Jane Roe and Ann Doe QUAYTOWN (Reuters) - In the city {LEAD}": "Reuters",
    f"A headline\n\n  QUAYTOWN.  AP.  In the city {LEAD}": "AP",
    f"QUAYTOWN, EFE. In the city {LEAD}": "EFE",
    f"EFE. Quaytown.- In the city {LEAD}": "EFE",
    f"A headline\nBY JANE ROE IANS | September 13 In the city {LEAD}": "IANS",
    f" date 2020-02-04 Published on 04.02.2020 at 14h21 by APA News\n\nIn {LEAD}": "APA News",
    f"Il mare sale. (dpa/abc)\n{LEAD}\nDas Wasser stieg bis zum Kai, sagte er. (dpa/abc)": "dpa",
}


@pytest.mark.parametrize(("body", "agency"), CREDITED.items())
def test_a_credit_is_read_without_its_layout(body, agency):
    found = read(body)
    assert found is not None
    assert found.original_source == agency
    assert [str(name) for name in found.agencies] == [agency]


@pytest.mark.parametrize(
    "body",
    [
        f"The party of the old mayor (PTI) - as everybody knows - lost the vote, and {LEAD}",
        f"They met on May 3 (AP was there) and said that {LEAD}",
        f"Smith works for AP. He said that {LEAD}",
        f"On 3 May he was called by AP\nand told that {LEAD}",
        f"By then AFP had left - the troops of the force were tired, and {LEAD}",
        f"Photo: QUAYTOWN, AP. The quay, of which {LEAD}",
    ],
)
def test_a_name_in_a_sentence_is_no_loose_credit(body):
    found = read(body)
    rules = {claim.rule for claim in found.claims} if found is not None else set()
    assert not rules & {"credit.loose", "credit.glued"}


def test_a_host_before_a_stop_and_a_place_signs_the_text():
    found = read(f"Rabu, 28 Maret 2015\n\nKapal\n\nKABARMUARA.COM. JAKARTA - Kapal itu {LEAD}")
    assert found is not None
    assert found.original_source == "KABARMUARA.COM"


def test_the_next_sentence_glued_to_a_name_is_no_part_of_it():
    found = read(
        "This story originally appeared on HarbourBeatWhen tides rose, all left. … [+61 chars]"
    )
    assert found is not None
    assert found.original_source == "HarbourBeat"
