"""Messages in languages that Someguide does not speak are handed over; ours and their near relations are not."""

from __future__ import annotations

import pytest

from bot.answering.answerer import labelled, sentences_said
from bot.answering.languages import foreign
from knowledge import loader

FOREIGN = (
    "Darf ich morgen mit meinem Hund zur Arbeit kommen?",
    "Wie viele Urlaubstage habe ich dieses Jahr?",
    "Können wir Bilder von Kindern auf Facebook veröffentlichen?",
    "Est-ce que je peux venir au travail avec mon chien demain ?",
    "¿Puedo publicar fotos de los niños en Facebook?",
    "Posso pubblicare le foto dei bambini?",
    "Mag ik foto's van kinderen op Facebook zetten?",
    "Czy mogę opublikować zdjęcia dzieci na Facebooku?",
    "Kas ma võin homme koeraga tööle tulla?",
    "Ma samayn karaa sawirrada carruurta inaan Facebook ku soo dhigo?",
    "Yarın köpeğimle işe gelebilir miyim?",
    "Ar galiu skelbti vaikų nuotraukas?",
    "Tôi có thể đăng ảnh trẻ em không?",
    "Можно ли мне прийти на работу с собакой?",
    "Чи можу я опублікувати фото дітей?",
    "هل يمكنني نشر صور الأطفال؟",
    "我可以发布孩子的照片吗",
)
OURS = (
    "får vi dela die presse om oss",
    "no photos of kids on insta or?",
    "saako me tehdä oma some",
    "luetaanko kommentit läpi ennen ku ne näkyy?",
    "Kan jeg legge ut bilder av barn på Facebook?",
    "Må jeg spørge før jeg lægger et billede op?",
    "insta?",
    "👍",
    "",
)


@pytest.mark.parametrize("message", FOREIGN)
def test_another_language_is_noticed(message: str) -> None:
    assert foreign(message)


@pytest.mark.parametrize("message", OURS)
def test_ours_and_near_relations_are_not(message: str) -> None:
    assert not foreign(message)


def test_no_wording_and_no_sentence_of_ours_is_taken_for_foreign() -> None:
    for org in loader.organisations():
        known = loader.load(org)
        assert [w.text for w in (*labelled(known), *sentences_said(known)) if foreign(w.text)] == []
