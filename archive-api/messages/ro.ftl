# Textele paginilor, în română. Aceleași chei ca în en.ftl.

language-name = Română
skip-to-content = Sari la conținut
sections = Secțiuni
search = Căutare
archivist = Arhivar
auditor = Verificare
help = Ajutor

## Căutarea

search-label = Căutare în arhivă
search-button = Caută
welcome = Scrieți câteva cuvinte: un nume, o stradă, un număr de înregistrare. Se găsesc cu sau fără diacritice, în orice ordine.
example-words = popescu strada morii
example-phrase = „anchetă socială” între ghilimele: cuvintele unul după altul
example-numbers = an:1978, nr:1245 sau un cod numeric personal
chosen-filters = Filtre alese
remove-filter = Scoate filtrul
filters = Filtre
order = Ordine:
order-relevance = potrivire
order-oldest = cele mai vechi
order-newest = cele mai noi
nothing-found = Nu am găsit nimic
nothing-whole = Niciun dosar nu are toate cuvintele
partial-title = Dosare cărora le lipsește un cuvânt
partial-why = Cuvântul poate sta pe o pagină pe care nu l-am putut citi.
missing-word = fără „{ $word }”
missing-personal-number = fără codul numeric personal
did-you-mean = Ați vrut să căutați
try-next = Încercați:
try-without-filters = aceleași cuvinte, fără filtre
try-one-word = numai „{ $word }”
try-without-word = fără „{ $word }”
try-without-quotes = fără ghilimele: cuvintele oriunde în dosar
try-otherwise = Verificați scrierea sau scrieți mai puține cuvinte: numai numele de familie, fără an, fără stradă.
may-stand-unread =
    { $form ->
        [one] O pagină a arhivei nu a putut fi citită: ce căutați poate sta pe ea.
        [few] { $count } pagini ale arhivei nu au putut fi citite: ce căutați poate sta pe ele.
       *[other] { $count } de pagini ale arhivei nu au putut fi citite: ce căutați poate sta pe ele.
    }
print-results = Căutare: { $words } · tipărit la { $date }
next-results = Rezultatele următoare
all-hit-pages = Toate paginile dosarului
more-values = Mai multe
years-from = din
years-to = până în
years-button = Arată
years-between = { $from }–{ $to }
years-since = din { $from }
years-until = până în { $to }
facet-fonds = Fond
facet-department = Compartiment
facet-year = Ani
facet-kind = Fel de act
facet-box = Cutie
facet-quality = Calitate
quality-good = citite bine
quality-doubtful = text îndoielnic
quality-unreadable = cu pagini necitite
kind-ancheta_sociala = Anchetă socială
kind-proces_verbal = Proces-verbal
kind-act_stare_civila = Act de stare civilă
kind-contract = Contract
kind-extras = Extras
kind-carte_funciara = Carte funciară
kind-certificat = Certificat
kind-adeverinta = Adeverință
kind-cerere = Cerere
kind-declaratie = Declarație
kind-autorizatie = Autorizație
kind-aviz = Aviz
kind-hotarare = Hotărâre
kind-dispozitie = Dispoziție
kind-decizie = Decizie
kind-decret = Decret
kind-ordin = Ordin
kind-sentinta = Sentință
kind-testament = Testament
kind-procura = Procură
kind-referat = Referat
kind-raport = Raport
kind-adresa = Adresă
kind-chitanta = Chitanță
kind-factura = Factură
kind-deviz = Deviz
kind-tabel = Tabel
box-named = cutia { $name }
dossier-named = Dosar { $name }
page = Pagină
page-short = p. { $number }
near-looks-alike = găsit prin asemănare: { $found } ≈ { $asked }
near-initial = găsit prin inițială: { $found } ≈ { $asked }
near-doubtful-digit = cifră îndoielnică: { $found } ≈ { $asked }
near-doubtful-digit-hidden = cifră îndoielnică în { $found }
dossiers =
    { $form ->
        [one] { $count } dosar
        [few] { $count } dosare
       *[other] { $count } de dosare
    }
pages =
    { $form ->
        [one] { $count } pagină
        [few] { $count } pagini
       *[other] { $count } de pagini
    }
more-pages =
    { $form ->
        [one] încă { $count } pagină
        [few] încă { $count } pagini
       *[other] încă { $count } de pagini
    }
pages-not-read =
    { $form ->
        [one] O pagină nu a putut fi citită.
        [few] { $count } pagini nu au putut fi citite.
       *[other] { $count } de pagini nu au putut fi citite.
    }

## Pagina

results = Rezultate
search-within = Caută în acest dosar
hits = Apariții
no-hit-in-dossier = Cuvintele nu apar pe paginile acestui dosar.
hit-of = apariția { $number } din { $total }
hits-on-other-pages =
    { $form ->
        [one] { $count } apariție pe alte pagini
        [few] { $count } apariții pe alte pagini
       *[other] { $count } de apariții pe alte pagini
    }
previous-hit = Apariția anterioară
next-hit = Apariția următoare
hits-here =
    { $form ->
        [one] { $count } apariție
        [few] { $count } apariții
       *[other] { $count } de apariții
    }
pages-of-dossier = Paginile dosarului
go-to-page = Pagina
go-button = Mergi
earlier-pages = Paginile dinainte
later-pages = Paginile următoare
scan = Imaginea paginii
scan-keys = Imaginea paginii: măriți cu tastele plus și minus, mutați cu rotița sau cu mausul
picture-of-page = Imaginea paginii { $number }
previous-page = Pagina anterioară
next-page = Pagina următoare
page-of = pagina { $number } din { $total }
zoom-in = Mărește
zoom-out = Micșorează
whole-page = Toată pagina
page-width = Lățime
rotate = Rotește
copy-link = Copiază adresa
link-copied = Copiată
print = Tipărește
keys = Taste
keys-hits = apariția următoare, apariția anterioară
keys-pages = pagina următoare, pagina anterioară
keys-zoom = mărește, micșorează, toată pagina, lățimea paginii
keys-rotate = rotește imaginea (originalul nu se schimbă)
keys-text = textul recunoscut
keys-search = mergi la căutare
keys-help = arată tastele
close = Închide
no-picture = Pagina nu are imagine.
strip-failed = Imaginea nu se poate arăta.
picture-failed = Imaginea nu s-a putut încărca. Încercați din nou peste câteva clipe.
page-waiting = Textul acestei pagini nu a fost citit încă.
page-blank = Pagina este goală.
page-unreadable = Această pagină nu a putut fi citită ({ $reason }).
page-doubtful = Text îndoielnic: { $percent } % siguranță.
picture-missing = Imaginea nu poate fi arătată: originalul lipsește din depozit. Textul se vede alături.
recognised-text = Text recunoscut
no-pages = Dosarul nu are pagini care se pot arăta.
stack-divided = Teancul a fost împărțit la foile separatoare. Paginile lui sunt în dosarele:
no-text = Pagina nu are text.
text-missing = Textul acestei pagini lipsește din depozit.
print-and-download = Tipărire și descărcare
pages-wanted = Paginile dorite
pages-wanted-hint = de exemplu 1-3, 7; dosarul are { $pages }
download-pdf = Descarcă PDF
details = Detalii
fonds = Fond
box = Cutie
reference = Cota
title = Conținut
inventory-number = Nr. în inventar
extreme-dates = Date extreme
leaves = Număr de file
retention = Termen de păstrare
kept-for-ever = permanent
kept-years =
    { $form ->
        [one] { $count } an
        [few] { $count } ani
       *[other] { $count } de ani
    }
department = Compartiment
inventory-remarks = Observații
box-closed = Cutie închisă
resolution = Rezoluție
resolution-dpi =
    { $form ->
        [one] un punct pe inch
        [few] { $count } puncte pe inch
       *[other] { $count } de puncte pe inch
    }
confidence = Siguranța citirii
percent = { $number } %
file-name = Fișier
file-size = Mărime
received-at = Primit la
fingerprint = Amprentă digitală (SHA-256)
download-original = Descarcă originalul
download-proof = Descarcă dovada autenticității, verificabilă fără acest program
download-alto = Descarcă textul cu poziții (ALTO)
print-line = { $name }, p. { $number } · tipărit la { $date } · amprenta { $digest }

## Arhivarul

batches = Loturi
no-batches = Nu s-a încărcat încă nicio cutie.
begun = Început la
state = Stare
received = Primite
stored = Păstrate
duplicate = Dubluri
ignored = Lăsate deoparte
quarantined = În carantină
batch-finished = încheiat la { $date }
batch-open = în lucru
batch-pace = { $rate } pagini pe minut, { $left }
left-unknown = nu se poate spune cât mai durează
left-minutes =
    { $form ->
        [one] mai durează cam un minut
        [few] mai durează cam { $count } minute
       *[other] mai durează cam { $count } de minute
    }
left-hours = mai durează cam { $hours } h { $minutes } min
batch-from = încărcat la { $date } din { $path }
account-sentence = Primite { $received } = păstrate { $stored } + dubluri { $duplicate } + lăsate deoparte { $ignored } + în carantină { $quarantined }
figure-dossiers =
    { $form ->
        [one] dosar
        [few] dosare
       *[other] de dosare
    }
figure-pages =
    { $form ->
        [one] pagină
        [few] pagini
       *[other] de pagini
    }
figure-recognised =
    { $form ->
        [one] pagină citită
        [few] pagini citite
       *[other] de pagini citite
    }
figure-blank =
    { $form ->
        [one] pagină goală
        [few] pagini goale
       *[other] de pagini goale
    }
figure-unreadable =
    { $form ->
        [one] pagină necitită
        [few] pagini necitite
       *[other] de pagini necitite
    }
figure-waiting =
    { $form ->
        [one] pagină în așteptare
        [few] pagini în așteptare
       *[other] de pagini în așteptare
    }
fixity-alarm =
    { $form ->
        [one] Verificarea a găsit ceva în neregulă într-un loc. Anunțați responsabilul arhivei.
        [few] Verificarea a găsit ceva în neregulă în { $count } locuri. Anunțați responsabilul arhivei.
       *[other] Verificarea a găsit ceva în neregulă în { $count } de locuri. Anunțați responsabilul arhivei.
    }
finding-damaged = fișierul nu mai are octeții cu care a fost scris
finding-missing = ceva ce trebuie să existe lipsește
finding-extra = se află aici ceva ce nu este trecut nicăieri
finding-inventory = lista fișierelor dosarului (inventarul OCFL) nu este cum trebuie
finding-unreadable = un text sau o descriere nu se poate citi
finding-catalog = catalogul spune altceva decât depozitul
finding-ledger = registrul nu este întreg, nu este semnat cum trebuie sau spune altceva decât arhiva
finding-index = indexul de căutare nu cuprinde ce spune catalogul
fixity-elsewhere = Registrul, indexul de căutare și depozitul
fixity-all =
    { $form ->
        [one] Singurul fișier păstrat a fost verificat; ultima verificare { $when }.
        [few] Toate cele { $count } fișiere au fost verificate; ultima verificare { $when }.
       *[other] Toate cele { $count } de fișiere au fost verificate; ultima verificare { $when }.
    }
fixity-some =
    { $form ->
        [one] Un dosar nu a fost verificat încă de la depunere; ultima verificare { $when }.
        [few] { $count } dosare nu au fost verificate încă de la depunere; ultima verificare { $when }.
       *[other] { $count } de dosare nu au fost verificate încă de la depunere; ultima verificare { $when }.
    }
fixity-oldest = Cel mai demult verificat: { $when }.
when-today = azi, { $time }
when-yesterday = ieri, { $time }
when-on = la { $day }, { $time }
fixity-commands = Pentru administrator: hrisov verify arată tot ce s-a găsit, hrisov repair pune la loc dintr-un al doilea depozit.
fixity-never = Nimic nu a fost verificat încă de la depunere.
parked-jobs =
    { $form ->
        [one] O lucrare nu a reușit după mai multe încercări; o nouă încărcare a cutiei o reia.
        [few] { $count } lucrări nu au reușit după mai multe încercări; o nouă încărcare a cutiei le reia.
       *[other] { $count } de lucrări nu au reușit după mai multe încercări; o nouă încărcare a cutiei le reia.
    }
retry = Reia
retry-files =
    { $form ->
        [one] un fișier din carantină
        [few] { $count } fișiere din carantină
       *[other] { $count } de fișiere din carantină
    }
retry-pages =
    { $form ->
        [one] o pagină necitită
        [few] { $count } pagini necitite
       *[other] { $count } de pagini necitite
    }
retry-waiting =
    { $form ->
        [one] O lucrare așteaptă să fie reluată: o face următoarea încărcare sau comanda hrisov worker.
        [few] { $count } lucrări așteaptă să fie reluate: le face următoarea încărcare sau comanda hrisov worker.
       *[other] { $count } de lucrări așteaptă să fie reluate: le face următoarea încărcare sau comanda hrisov worker.
    }
box-and-inventory = Cutia și inventarul
box-ready = Cutia se potrivește cu inventarul și se poate închide.
box-differs = De lămurit înainte de închiderea cutiei:
box-closed-whole = Cutia este închisă, fără diferențe față de inventar.
box-closed-accepted = Cutia este închisă. Diferențe asumate de { $by }: { $reason }
box-close = Administratorul o închide cu comanda:
box-sign-off = După lămurire, cutia se încarcă din nou; diferențele care rămân le asumă administratorul, cu nume și motiv:
sign-off-arguments = --accept-differences --name NUME --reason MOTIV
never-compared = cutia nu a fost confruntată cu inventarul
comparison-outdated = cutia s-a schimbat de la confruntarea cu inventarul
more-differences =
    { $form ->
        [one] și încă o diferență: hrisov status le arată pe toate
        [few] și încă { $count } diferențe: hrisov status le arată pe toate
       *[other] și încă { $count } de diferențe: hrisov status le arată pe toate
    }
all-doubts = Toate
doubtful-pages = Pagini de verificat
decision-undecided = De verificat
decision-undecided-none = Nicio pagină nu cere atenție.
decision-rescan = De rescanat
decision-rescan-none = Nicio pagină nu este de rescanat.
decision-fine = În regulă
decision-fine-none = Despre nicio pagină nu s-a spus că este în regulă.
decide-name = Numele dumneavoastră
decide-name-kept = se păstrează la fiecare hotărâre
decide-fine = Este în regulă
decide-rescan = De rescanat
decide-withdraw = Anulează
decided-by = Hotărât de
all-fine =
    { $form ->
        [one] Este în regulă
        [few] Toate { $count } sunt în regulă
       *[other] Toate cele { $count } sunt în regulă
    }
rescan-pages = Pagini de rescanat
rescan-command = După rescanare, administratorul pune imaginea nouă în locul celei vechi, care se păstrează:
rescan-arguments = DOSAR/PAGINĂ FIȘIER
doubt-none = Cerute de cineva
files = Fișiere
file = Fișier
reason = Motiv
all-files = Toate
no-files = Niciun fișier în această stare.
next-files = Fișierele următoare
next-pages = Paginile următoare
state-stored = păstrat
state-duplicate = dublură
state-ignored = lăsat deoparte
state-quarantined = în carantină
doubt-incomplete = O parte din imagine pierdută, fișier deteriorat
doubt-blank = Goale
doubt-nearly_blank = Aproape goale
doubt-too_dark = Prea întunecate
doubt-too_faint = Scris prea șters
doubt-blurred = Neclare
doubt-skewed = Strâmbe
doubt-cut_off = Tăiate la margine
doubt-upside_down = Cu susul în jos
doubt-low_resolution = Rezoluție prea mică
doubt-low_confidence = Text îndoielnic
doubt-nothing_recognised = Niciun cuvânt recunoscut
doubt-language_unexpected = Altă limbă decât cele așteptate
doubt-may_duplicate = Poate scanate de două ori
doubt-unreadable = Pagini care nu au putut fi citite
figure-paper = hârtia are luminozitatea { $figure } %, cel puțin { $limit } %
figure-black = negru pe { $figure } % din pagină, cel mult { $limit } %
figure-contrast = contrast { $figure } %, cel puțin { $limit } %
figure-sharpness = claritate { $figure }, cel puțin { $limit }
figure-skew = rânduri înclinate cu { $figure }°, cel mult { $limit }°
figure-cut =
    { $form ->
        [one] scrisul atinge marginea într-un loc
        [few] scrisul atinge marginea în { $count } locuri
       *[other] scrisul atinge marginea în { $count } de locuri
    }
figure-dpi = puncte pe inch: { $figure }, cel puțin { $limit }
figure-letters = litere înalte de { $figure } pixeli, cel puțin { $limit }
figure-foreign = cuvinte străine { $figure } %, cel mult { $limit } %
lost-of-it = pierdut: { $percent } %
looks-like = seamănă cu { $page }
read-with = siguranță { $percent } %
why = motiv: { $reason }
reason-empty = fișier gol
reason-unknown_format = format necunoscut
reason-unsupported = format nesuportat
reason-damaged = fișier deteriorat
reason-encrypted = protejat cu parolă
reason-too_large = prea mare
reason-decoder_failed = imaginea nu a putut fi deschisă
reason-not_readable = nu a putut fi citit de pe disc
reason-no_pages = fără pagini
reason-name_not_utf8 = nume cu litere nevalide
reason-worker_failed = programul de citire s-a oprit
reason-timed_out = citirea a durat prea mult
reason-nothing_recognised = nu s-a recunoscut niciun cuvânt
reason-system_file = fișier al sistemului
reason-hidden_or_temporary = fișier ascuns sau temporar
reason-inventory = inventarul cutiei
reason-marker = semnul că s-a terminat cutia
reason-same_bytes = aceiași octeți au fost primiți înainte

## Verificarea

files-held =
    { $form ->
        [one] Arhiva are { $count } fișier păstrat
        [few] Arhiva are { $count } fișiere păstrate
       *[other] Arhiva are { $count } de fișiere păstrate
    }
held-size = { $files }, { $size } în total. Fiecare are o amprentă digitală calculată la primire; la fiecare descărcare amprenta se verifică din nou.
how-to-verify = Verificarea tuturor fișierelor o face administratorul cu comanda
is-it-ours = Este fișierul acesta în arhivă?
choose-file = Alegeți fișierul
nothing-is-sent = Amprenta se calculează aici, în calculatorul dumneavoastră. Fișierul nu se trimite nicăieri.
fingerprint-working = Se calculează amprenta…
fingerprint-failed = Fișierul nu a putut fi citit.
fingerprint-typed = sau scrieți amprenta digitală (SHA-256, 64 de cifre și litere)
check-button = Verifică
fingerprint-malformed = Aceasta nu este o amprentă SHA-256: are 64 de caractere, cifre de la 0 la 9 și litere de la a la f.
not-ours = Fișierul nu este în arhivă.
ours = Fișierul este în arhivă, exact aceiași octeți.
shown-on = Se vede la

## Registrul

ages-heading = Când au fost verificate fișierele
age = Ultima verificare
age-bar = Parte din toate
age-day = în ultimele 24 de ore
age-week = în ultimele 7 zile
age-month = în ultimele 30 de zile
age-year = în ultimele 365 de zile
age-older = mai demult
age-never = niciodată de la depunere
findings-heading = Ce au găsit verificările, de la cea mai nouă
found =
    { $form ->
        [one] o constatare: { $what }
        [few] { $count } constatări: { $what }
       *[other] { $count } de constatări: { $what }
    }
found-nothing = totul din nou în ordine
recoveries-heading = Ce a fost pus la loc dintr-un al doilea depozit
recovered =
    { $form ->
        [one] o reparație
        [few] { $count } reparații
       *[other] { $count } de reparații
    }
log-heading = Registrul arhivei
log-name = Nume
log-entries = Intrări
log-witnesses = Martori
log-stamp = Marcă temporală
log-root = Rădăcina
log-key = Semnat cu cheia
log-first =
    { $form ->
        [one] pentru prima intrare
        [few] pentru primele { $count } intrări
       *[other] pentru primele { $count } de intrări
    }
log-no-witness = nu: cine are cheia poate semna altă istorie pentru cine nu compară
log-no-stamp = nu
log-unsigned = Registrul nu este semnat de cheia arhivei. Anunțați responsabilul arhivei.
log-unreadable = Registrul nu se poate citi. Anunțați responsabilul arhivei.
log-download = Descarcă punctul de control de azi
log-checkpoint-file = punct-de-control.txt
log-keep = Păstrați fișierul în altă parte. Oricând mai târziu se poate dovedi că nimic din ce era atunci în registru nu a fost schimbat, scos ori strecurat:

## Ajutorul

help-find-title = Cum se caută
help-find-text = Scrieți câteva cuvinte și apăsați Enter: un nume, o stradă, un fel de act. Se găsesc dosarele în care apar toate cuvintele, oriunde în dosar. Diacriticele nu contează. Cuvintele între ghilimele trebuie să stea unul după altul; un cuvânt cu minus în față nu trebuie să apară.
help-find-picture = Rezultatele: 1 ce se caută, 2 filtrele, 3 fâșii din pagini, cu cuvintele găsite încadrate.
help-narrow-title = Cum se restrânge
help-narrow-text = În stânga rezultatelor se aleg fondul, anii, felul actului și altele; numărul arată câte dosare rămân. Filtrele alese stau deasupra listei și se scot cu un clic. Se poate scrie și an:1978 sau nr:1245.
help-likeness-title = Ce înseamnă „găsit prin asemănare”
help-likeness-text = Scrisul vechi se citește uneori greșit. Când un cuvânt nu se găsește întocmai, se arată și pagini pe care stă ceva asemănător, întotdeauna după cele sigure. Imaginea hotărăște. Când puține dosare au toate cuvintele, urmează cele cărora le lipsește unul: poate stă pe o pagină care nu s-a putut citi.
help-look-title = Cum se privește o pagină
help-look-text = Cuvintele căutate sunt încadrate pe imagine. Se poate mări, roti și trece la apariția următoare; în dreapta stă textul recunoscut, care se poate copia. Adresa din bară păstrează căutarea și pagina: se poate trimite unui coleg.
help-look-picture = O pagină: 1 paginile dosarului, 2 imaginea cu apariția de acum încadrată mai gros, 3 butoanele, 4 textul recunoscut.
help-take-title = Cum se tipărește sau se descarcă
help-take-text = Butonul Tipărește tipărește pagina aceasta. La „Tipărire și descărcare” se aleg paginile pentru un fișier PDF în care textul se poate căuta și copia.
help-check-title = Cum se verifică un fișier
help-check-text = La „Verificare” se alege un fișier sau se scrie amprenta lui digitală: se arată dacă este în arhivă, în care dosar și de când. Fișierul nu pleacă din calculator.

## Când ceva nu merge

to-search = Înapoi la căutare
error-not-found-title = Nu există
error-not-found-text = La această adresă nu este nimic.
error-not-found-todo = Verificați adresa sau căutați din nou.
error-request-title = Cererea nu s-a înțeles
error-request-text = Adresa are o parte greșită.
error-request-todo = Întoarceți-vă la căutare și încercați din nou. Nimic din arhivă nu s-a schimbat.
error-no-picture-title = Imaginea nu poate fi arătată
error-no-picture-text = Fișierul nu are o imagine care se poate arăta.
error-no-picture-todo = Originalul se poate descărca de la detaliile paginii.
error-refused-title = Nu s-a făcut
error-refused-text = Ce ați cerut nu se poate face acum: cutia este închisă ori încă se încarcă, sau cererea a venit de pe alt site.
error-refused-todo = Întoarceți-vă la pagina lotului și încercați din nou. Nimic din arhivă nu s-a schimbat.
error-nameless-title = Lipsește numele
error-nameless-text = O hotărâre despre o pagină se păstrează cu numele celui care a luat-o.
error-nameless-todo = Întoarceți-vă, scrieți numele dumneavoastră deasupra paginilor și alegeți din nou. Nimic din arhivă nu s-a schimbat.
error-busy-title = Prea multe cereri
error-busy-text = Arhiva răspunde acum altor cereri.
error-busy-todo = Încercați din nou peste câteva clipe.
error-damaged-title = Datele păstrate nu sunt întregi
error-damaged-text = Octeții din depozit lipsesc sau nu mai sunt cei primiți.
error-damaged-todo = Spuneți administratorului: comanda hrisov verify arată ce s-a întâmplat. Nimic nu s-a pierdut prin această cerere.
error-server-title = Arhiva nu poate răspunde
error-server-text = Programul a întâmpinat o problemă, notată în jurnalul său.
error-server-todo = Încercați din nou; dacă se repetă, spuneți administratorului. Nimic din arhivă nu s-a schimbat.
error-pages-title = Paginile nu s-au înțeles
error-pages-text = Se scriu numere de pagini ale dosarului, de exemplu 1-3, 7; cel mult { $number } odată.
error-pages-todo = Întoarceți-vă și scrieți din nou paginile dorite.
error-too-long-title = Adresa este prea lungă
error-too-long-text = Ați scris mai mult decât se poate căuta odată.
error-too-long-todo = Întoarceți-vă la căutare și scrieți mai puține cuvinte. Nimic din arhivă nu s-a schimbat.
