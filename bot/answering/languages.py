"""Notices a message in a language that Someguide does not speak, so that it is handed over and not guessed at.

Swedish, Finnish and English have much in common with their neighbours: "Darf ich morgen mit meinem Hund zur Arbeit"
shares most of its letter sequences with Swedish wordings. The small words of a language give it away: a message is
foreign when its script is not Latin, or when at least two of its words, a fifth of all, and more than those of ours,
are small words of one other language. Danish and Norwegian are read as Swedish, which mostly works.
"""

from __future__ import annotations

import unicodedata

from bot.answering.text import plain, words

LEAST, SHARE = 2, 0.2
"""So many different small words, and such a share of all words, make a message foreign."""

# Frequent small words of what is spoken around these municipalities; none is a word in Swedish, Finnish or English
# that staff write, unless another word of the same language has to stand beside it (LEAST).
_FOREIGN = {
    "de": "ich mich mir du wir uns ihr sie ihnen der die das dem den des ein eine einen einem einer und oder "
    "aber nicht kein keine ist sind war hat habe haben wird werden kann kannst können darf dürfen muss "
    "müssen soll sollen möchte mit von zu zum zur bei nach aus auf für über wie wo wer wann warum welche "
    "mein meine meinem meinen unser unsere wenn dass auch noch schon morgen heute bitte gibt es im am vom",
    "fr": "je tu il elle nous vous ils elles le la les un une des du de et ou mais ne pas est sont suis ai avez "
    "avons peux peut puis pouvez dois doit avec pour sur dans chez par sans qui que quoi quel quelle "
    "comment quand pourquoi mon ma mes notre nos votre vos ce cette ces au aux demain bonjour merci est- "
    "ce où être faire c'est j'ai",
    "es": "yo tú nosotros usted ustedes el la los las un una unos y o pero no es son está están estoy soy tengo "
    "tiene puedo puede podemos debo debe con para por sobre en sin qué que quién cómo cuándo dónde cuál "
    "mi mis nuestro nuestra su sus este esta del al mañana hoy gracias hola hay hacer necesito",
    "it": "io noi loro il lo la gli le un una uno e o ma non è sono sei siamo ho ha abbiamo posso può possiamo "
    "devo deve con per su di da che chi cosa come quando dove quale mio mia miei nostro nostra questo "
    "questa del della dei delle nel nella al alla domani oggi grazie ciao fare",
    "pt": "eu nós você vocês o os as um uma e ou mas não é são está estão tenho tem posso pode podemos devo "
    "deve com para por sobre em sem que quem como quando onde qual meu minha nosso nossa este esta isto "
    "do da dos das no na ao amanhã hoje obrigado olá fazer",
    "nl": "ik jij je wij we jullie zij ze het een en of maar niet geen is zijn ben heb heeft hebben kan kunnen "
    "mag mogen moet moeten wil met van voor naar bij uit op over hoe wat waar wie wanneer waarom welke "
    "mijn ons onze deze dit dat er ook nog morgen vandaag",
    "pl": "ja my wy oni jest są jestem mam ma mamy mogę może możemy czy nie tak i lub ale z ze na do w we o po "
    "od przez dla jak co kto gdzie kiedy dlaczego który która mój moja moje nasz nasza ten ta to się "
    "jutro dziś proszę",
    "et": "mina sina tema meie teie nemad sa ta nad oled oleme või aga kas kuidas kus kes mis millal milline "
    "võin võib võime tohin tohib pean peab saab minu selle see need ning kui ka veel juba homme täna "
    "palun mida koos jaoks",
    "so": "waxaan waa waxa ma maya haa iyo ama laakiin aan aad uu ay ku ka la u soo sida goorma halkee maxaa "
    "yaa kee shaqada berri maanta fadlan mahadsanid karaa kartaa waan inaan",
    "tr": "ben sen biz siz onlar bir ve veya ama değil var yok mı mi mu mü için ile bu şu ne nasıl nerede kim "
    "zaman neden hangi benim bizim yarın bugün lütfen olarak yapabilir miyim gibi çok",
    "ro": "eu tu noi un o și sau dar este sunt am are avem pot poate putem trebuie cu pentru pe din despre ce "
    "cine cum când unde care meu mea nostru noastră acest această mâine azi să în",
    "cs": "já ty on my vy oni je jsem jsou mám má máme mohu můžu může můžeme nebo ale že ne na se do pro od jak "
    "co kdo kde kdy proč který můj moje náš naše ten tento zítra dnes prosím",
    "lt": "aš tu jis ji mes jūs ir ar bet ne nėra yra esu turiu turi galiu gali galima galime reikia su apie "
    "kaip kas kur kada kodėl kuris mano mūsų šis ši tai rytoj šiandien prašau",
    "vi": "tôi bạn chúng có thể không của là và được cho một những này với ở khi nào ai gì sao ngày mai",
    "sq": "unë ti ju ata një dhe ose por nuk është janë kam ka kemi mund duhet me për në nga si çfarë kush kur "
    "ku cili im ime tonë këtë nesër sot të së",
}
FOREIGN = {language: frozenset(listed.split()) for language, listed in _FOREIGN.items()}

# Small words of ours: they outweigh the same number of foreign ones ("de", "die", "on", "no" are in several languages).
_OURS = (
    "jag du han hon vi ni de den det dem dom en ett och eller men inte är var har ska skall kan får måste med av "
    "till för om på i från hos hur vad vem vilken när varför min mitt vår vårt våra sin som att så också man ja "
    "nej nån något någon ingen mig mej oss er era jeg ikke hvordan hvem hva må skal og til minä sinä hän me te he "
    "mä sä se ne on ei tai mutta että jos kun kuin niin onko voiko voinko saako saanko pitääkö miten mitä mikä "
    "missä kuka kenelle milloin miksi minun meidän meiän oma myös vain sen sitä siitä tämä tää nyt you she we "
    "they it the a an and or but not is are was be have has do does can could may must should will with of to for "
    "in at from by about how what who which when where why my our your this that there if so us no yes any as "
    "del el alla sku na ku et "
)
OURS = frozenset(_OURS.split())


def foreign(message: str) -> bool:
    """True when a message is clearly in a language other than Swedish, Finnish, English and their near relations."""
    text = plain(message)
    letters = [c for c in text if c.isalpha()]
    strange = sum("LATIN" not in unicodedata.name(c, "") for c in letters)
    if letters and strange > len(letters) / 2:
        return True
    said = words(text)
    distinct = set(said)
    # single letters are dialect as often as Polish or Portuguese ("e" for "är")
    theirs = max(({w for w in distinct & small if len(w) > 1} for small in FOREIGN.values()), key=len)
    ours = distinct & OURS
    times = sum(word in theirs for word in said)
    return len(theirs - ours) >= LEAST and times >= SHARE * len(said) and len(theirs - ours) > len(ours - theirs)
