# The texts of the pages, in English. The same keys as in ro.ftl.

language-name = English
skip-to-content = Skip to content
sections = Sections
search = Search
archivist = Archivist
auditor = Verification
help = Help

## Search

search-label = Search the archive
search-button = Search
welcome = Type a few words: a name, a street, a registration number. They are found with or without diacritics, in any order.
example-words = popescu strada morii
example-phrase = "anchetă socială" in quotes: the words one after the other
example-numbers = an:1978, nr:1245 or a personal number
chosen-filters = Chosen filters
remove-filter = Remove the filter
filters = Filters
order = Order:
order-relevance = best match
order-oldest = oldest
order-newest = newest
nothing-found = Nothing found
nothing-whole = No dossier has all the words
partial-title = Dossiers that lack one word
partial-why = The word may stand on a page where it could not be read.
missing-word = without “{ $word }”
missing-personal-number = without the personal number
did-you-mean = Did you mean
try-next = Try:
try-without-filters = the same words without filters
try-one-word = only “{ $word }”
try-without-word = without “{ $word }”
try-without-quotes = without quotes: the words anywhere in the dossier
try-otherwise = Check the spelling or type fewer words: only the family name, no year, no street.
may-stand-unread =
    { $form ->
        [one] One page of the archive could not be read: what you look for may stand on it.
       *[other] { $count } pages of the archive could not be read: what you look for may stand on them.
    }
print-results = Search: { $words } · printed on { $date }
next-results = Next results
all-hit-pages = All pages of the dossier
more-values = More
years-from = from
years-to = to
years-button = Show
years-between = { $from }–{ $to }
years-since = from { $from }
years-until = until { $to }
facet-fonds = Fonds
facet-department = Department
facet-year = Years
facet-kind = Kind of document
facet-box = Box
facet-quality = Quality
quality-good = well read
quality-doubtful = doubtful text
quality-unreadable = with unread pages
kind-ancheta_sociala = Social inquiry
kind-proces_verbal = Report
kind-act_stare_civila = Civil status record
kind-contract = Contract
kind-extras = Extract
kind-carte_funciara = Land register
kind-certificat = Certificate
kind-adeverinta = Confirmation
kind-cerere = Application
kind-declaratie = Declaration
kind-autorizatie = Permit
kind-aviz = Opinion
kind-hotarare = Decision of the council
kind-dispozitie = Disposition
kind-decizie = Decision
kind-decret = Decree
kind-ordin = Order
kind-sentinta = Judgment
kind-testament = Will
kind-procura = Power of attorney
kind-referat = Memorandum
kind-raport = Account
kind-adresa = Letter
kind-chitanta = Receipt
kind-factura = Invoice
kind-deviz = Estimate
kind-tabel = Table
box-named = box { $name }
dossier-named = Dossier { $name }
page = Page
page-short = p. { $number }
near-looks-alike = found by likeness: { $found } ≈ { $asked }
near-initial = found by initial: { $found } ≈ { $asked }
near-doubtful-digit = doubtful digit: { $found } ≈ { $asked }
near-doubtful-digit-hidden = doubtful digit in { $found }
dossiers =
    { $form ->
        [one] { $count } dossier
       *[other] { $count } dossiers
    }
pages =
    { $form ->
        [one] { $count } page
       *[other] { $count } pages
    }
more-pages =
    { $form ->
        [one] { $count } more page
       *[other] { $count } more pages
    }
pages-not-read =
    { $form ->
        [one] One page could not be read.
       *[other] { $count } pages could not be read.
    }

## The page

results = Results
search-within = Search this dossier
hits = Hits
no-hit-in-dossier = The words do not stand on the pages of this dossier.
hit-of = hit { $number } of { $total }
hits-on-other-pages =
    { $form ->
        [one] { $count } hit on other pages
       *[other] { $count } hits on other pages
    }
previous-hit = Previous hit
next-hit = Next hit
hits-here =
    { $form ->
        [one] { $count } hit
       *[other] { $count } hits
    }
pages-of-dossier = Pages of the dossier
go-to-page = Page
go-button = Go
earlier-pages = Earlier pages
later-pages = Later pages
scan = Picture of the page
scan-keys = Picture of the page: zoom with the plus and minus keys, move with wheel or mouse
picture-of-page = Picture of page { $number }
previous-page = Previous page
next-page = Next page
page-of = page { $number } of { $total }
zoom-in = Zoom in
zoom-out = Zoom out
whole-page = Whole page
page-width = Width
rotate = Rotate
copy-link = Copy the link
link-copied = Copied
print = Print
keys = Keys
keys-hits = next hit, previous hit
keys-pages = next page, previous page
keys-zoom = zoom in, zoom out, whole page, width of the page
keys-rotate = rotate the picture (the original does not change)
keys-text = the recognised text
keys-search = go to the search
keys-help = show the keys
close = Close
no-picture = The page has no picture.
strip-failed = The picture cannot be shown.
picture-failed = The picture could not be loaded. Try again in a few moments.
page-waiting = The text of this page has not been read yet.
page-blank = The page is blank.
page-unreadable = This page could not be read ({ $reason }).
page-doubtful = Doubtful text: { $percent } % certainty.
picture-missing = The picture cannot be shown: the original is missing from the store. The text stands beside.
recognised-text = Recognised text
no-pages = The dossier has no pages that can be shown.
stack-divided = The stack was divided at its separator sheets. Its pages are in the dossiers:
no-text = The page has no text.
text-missing = The text of this page is missing from the store.
print-and-download = Print and download
pages-wanted = Pages wanted
pages-wanted-hint = such as 1-3, 7; the dossier has { $pages }
download-pdf = Download PDF
details = Details
fonds = Fonds
box = Box
reference = Reference
title = Title
inventory-number = Number in the inventory
extreme-dates = Extreme dates
leaves = Leaves
retention = Retention term
kept-for-ever = permanent
kept-years =
    { $form ->
        [one] { $count } year
       *[other] { $count } years
    }
department = Department
inventory-remarks = Remarks
box-closed = Box closed
resolution = Resolution
resolution-dpi =
    { $form ->
        [one] one dot per inch
       *[other] { $count } dots per inch
    }
confidence = Certainty of reading
percent = { $number } %
file-name = File
file-size = Size
received-at = Received
fingerprint = Digital fingerprint (SHA-256)
download-original = Download the original
download-proof = Download the proof of authenticity, which can be checked without this program
download-alto = Download the text with places (ALTO)
print-line = { $name }, p. { $number } · printed { $date } · fingerprint { $digest }

## The archivist

batches = Batches
no-batches = No box has been loaded yet.
begun = Begun
state = State
received = Received
stored = Stored
duplicate = Duplicates
ignored = Left out
quarantined = Quarantined
batch-finished = finished { $date }
batch-open = under way
batch-pace = { $rate } pages a minute, { $left }
left-unknown = nobody can say how long it still takes
left-minutes =
    { $form ->
        [one] about a minute left
       *[other] about { $count } minutes left
    }
left-hours = about { $hours } h { $minutes } min left
batch-from = loaded { $date } from { $path }
account-sentence = Received { $received } = stored { $stored } + duplicates { $duplicate } + left out { $ignored } + quarantined { $quarantined }
figure-dossiers =
    { $form ->
        [one] dossier
       *[other] dossiers
    }
figure-pages =
    { $form ->
        [one] page
       *[other] pages
    }
figure-recognised =
    { $form ->
        [one] page read
       *[other] pages read
    }
figure-blank =
    { $form ->
        [one] blank page
       *[other] blank pages
    }
figure-unreadable =
    { $form ->
        [one] unread page
       *[other] unread pages
    }
figure-waiting =
    { $form ->
        [one] page waiting
       *[other] pages waiting
    }
fixity-alarm =
    { $form ->
        [one] Verification found something wrong in one place. Tell the person in charge of the archive.
       *[other] Verification found something wrong in { $count } places. Tell the person in charge of the archive.
    }
finding-damaged = the file no longer has the bytes that it was written with
finding-missing = something that has to be there is not
finding-extra = something is there that nothing names
finding-inventory = the list of the dossier's files (OCFL inventory) is not as it should be
finding-unreadable = a text or description cannot be read
finding-catalog = the catalog says something else than the store
finding-ledger = the log is not whole, not rightly signed, or says something else than the archive
finding-index = the search index does not hold what the catalog says
fixity-elsewhere = Log, search index and store
fixity-all =
    { $form ->
        [one] The only file kept was verified; last verification { $when }.
       *[other] All { $count } files were verified; last verification { $when }.
    }
fixity-some =
    { $form ->
        [one] One dossier was not verified since its deposit yet; last verification { $when }.
       *[other] { $count } dossiers were not verified since their deposit yet; last verification { $when }.
    }
fixity-oldest = Longest ago: { $when }.
when-today = today, { $time }
when-yesterday = yesterday, { $time }
when-on = on { $day }, { $time }
fixity-commands = For the administrator: hrisov verify shows all that was found, hrisov repair puts it back from a second store.
fixity-never = Nothing was verified since its deposit yet.
parked-jobs =
    { $form ->
        [one] One job failed after several tries; loading the box again takes it up.
       *[other] { $count } jobs failed after several tries; loading the box again takes them up.
    }
retry = Take up again
retry-files =
    { $form ->
        [one] one quarantined file
       *[other] { $count } quarantined files
    }
retry-pages =
    { $form ->
        [one] one unreadable page
       *[other] { $count } unreadable pages
    }
retry-waiting =
    { $form ->
        [one] One job waits to be taken up again: the next load does it, or the command hrisov worker.
       *[other] { $count } jobs wait to be taken up again: the next load does them, or the command hrisov worker.
    }
box-and-inventory = The box and its inventory
box-ready = The box agrees with its inventory and can be closed.
box-differs = To be cleared up before the box is closed:
box-closed-whole = The box is closed, without differences from its inventory.
box-closed-accepted = The box is closed. Differences accepted by { $by }: { $reason }
box-close = The administrator closes it with the command:
box-sign-off = Once they are cleared up, the box is loaded again; for differences that stay the administrator signs, with name and reason:
sign-off-arguments = --accept-differences --name NAME --reason REASON
never-compared = the box was never compared with its inventory
comparison-outdated = the box changed since it was compared with its inventory
more-differences =
    { $form ->
        [one] and one more difference: hrisov status shows all
       *[other] and { $count } more differences: hrisov status shows all
    }
all-doubts = All
doubtful-pages = Pages to look at
decision-undecided = To look at
decision-undecided-none = No page needs attention.
decision-rescan = To scan again
decision-rescan-none = No page is to be scanned again.
decision-fine = In order
decision-fine-none = Of no page somebody said that it is in order.
decide-name = Your name
decide-name-kept = is kept with every decision
decide-fine = It is in order
decide-rescan = Scan again
decide-withdraw = Withdraw
decided-by = Decided by
all-fine =
    { $form ->
        [one] It is in order
       *[other] All { $count } are in order
    }
rescan-pages = Pages to scan again
rescan-command = Once scanned, the administrator puts the new picture in the place of the old one, which is kept:
rescan-arguments = DOSSIER/PAGE FILE
doubt-none = Asked for by somebody
files = Files
file = File
reason = Reason
all-files = All
no-files = No file in this state.
next-files = Next files
next-pages = Next pages
state-stored = stored
state-duplicate = duplicate
state-ignored = left out
state-quarantined = quarantined
doubt-incomplete = Part of the picture lost with a damaged file
doubt-blank = Blank
doubt-nearly_blank = Nearly blank
doubt-too_dark = Too dark
doubt-too_faint = Writing too faint
doubt-blurred = Blurred
doubt-skewed = Skewed
doubt-cut_off = Cut off at an edge
doubt-upside_down = Upside down
doubt-low_resolution = Resolution too low
doubt-low_confidence = Doubtful text
doubt-nothing_recognised = Not one word recognised
doubt-language_unexpected = Another language than expected
doubt-may_duplicate = Perhaps scanned twice
doubt-unreadable = Pages that could not be read
figure-paper = the paper has a brightness of { $figure } %, at least { $limit } %
figure-black = black on { $figure } % of the page, at most { $limit } %
figure-contrast = contrast { $figure } %, at least { $limit } %
figure-sharpness = sharpness { $figure }, at least { $limit }
figure-skew = lines lean by { $figure }°, at most { $limit }°
figure-cut =
    { $form ->
        [one] writing ends at the edge in one place
       *[other] writing ends at the edge in { $count } places
    }
figure-dpi = dots per inch: { $figure }, at least { $limit }
figure-letters = letters { $figure } pixels high, at least { $limit }
figure-foreign = foreign words { $figure } %, at most { $limit } %
lost-of-it = lost: { $percent } %
looks-like = looks like { $page }
read-with = certainty { $percent } %
why = reason: { $reason }
reason-empty = empty file
reason-unknown_format = unknown format
reason-unsupported = unsupported format
reason-damaged = damaged file
reason-encrypted = protected by a password
reason-too_large = too large
reason-decoder_failed = the picture could not be opened
reason-not_readable = could not be read from the disk
reason-no_pages = without pages
reason-name_not_utf8 = a name with invalid letters
reason-worker_failed = the reading program stopped
reason-timed_out = reading took too long
reason-nothing_recognised = not one word was recognised
reason-system_file = file of the system
reason-hidden_or_temporary = hidden or temporary file
reason-inventory = the inventory of the box
reason-marker = the mark that the box is complete
reason-same_bytes = the same bytes were received before

## Verification

files-held =
    { $form ->
        [one] The archive keeps { $count } file
       *[other] The archive keeps { $count } files
    }
held-size = { $files }, { $size } in all. Each has a digital fingerprint made when it was received; at every download the fingerprint is checked again.
how-to-verify = The administrator checks all files with the command
is-it-ours = Is this file in the archive?
choose-file = Choose the file
nothing-is-sent = The fingerprint is made here, in your computer. The file is not sent anywhere.
fingerprint-working = Making the fingerprint…
fingerprint-failed = The file could not be read.
fingerprint-typed = or type the digital fingerprint (SHA-256, 64 digits and letters)
check-button = Check
fingerprint-malformed = This is not a SHA-256 fingerprint: it has 64 characters, digits from 0 to 9 and letters from a to f.
not-ours = The file is not in the archive.
ours = The file is in the archive, exactly the same bytes.
shown-on = Shown on

## The log

ages-heading = When the files were verified
age = Last verified
age-bar = Part of all
age-day = within 24 hours
age-week = within 7 days
age-month = within 30 days
age-year = within 365 days
age-older = before that
age-never = never since their deposit
findings-heading = What verifications found, the newest first
found =
    { $form ->
        [one] one finding: { $what }
       *[other] { $count } findings: { $what }
    }
found-nothing = all in order again
recoveries-heading = What was put back from a second store
recovered =
    { $form ->
        [one] one repair
       *[other] { $count } repairs
    }
log-heading = The archive's log
log-name = Name
log-entries = Leaves
log-witnesses = Witnesses
log-stamp = Time stamp
log-root = Root
log-key = Signed by the key
log-first =
    { $form ->
        [one] for the first leaf
       *[other] for the first { $count } leaves
    }
log-no-witness = none: who has the key can sign another history for those who never compare
log-no-stamp = none
log-unsigned = The log is not signed by the archive's key. Tell the archive's keeper.
log-unreadable = The log cannot be read. Tell the archive's keeper.
log-download = Download today's checkpoint
log-checkpoint-file = checkpoint.txt
log-keep = Keep the file somewhere else. At any time later it can be proven that nothing in the log of then was changed, removed or slipped in:

## Help

help-find-title = How to search
help-find-text = Type a few words and press Enter: a name, a street, a kind of document. Dossiers are found in which all the words stand, anywhere in the dossier. Diacritics do not matter. Words in quotes must follow one another; a word with a minus in front must not occur.
help-find-picture = Results: 1 what is searched for, 2 the filters, 3 strips of pages with the words found in boxes.
help-narrow-title = How to narrow
help-narrow-text = At the left of the results you choose fonds, years, kind of document and more; the number says how many dossiers remain. Chosen filters stand above the list and go with a click. You may also type an:1978 or nr:1245.
help-likeness-title = What “found by likeness” means
help-likeness-text = Old writing is sometimes misread. Where a word is not found exactly, pages with something that looks alike are shown too, always after the certain ones. The picture decides. Where few dossiers have all the words, those that lack one follow: it may stand on a page that could not be read.
help-look-title = How to look at a page
help-look-text = The words you searched for are boxed on the picture. You can zoom, rotate and go to the next hit; at the right stands the recognised text, which can be copied. The address in the bar keeps search and page: you can send it to a colleague.
help-look-picture = A page: 1 the pages of the dossier, 2 the picture with the current hit in a stronger box, 3 the buttons, 4 the recognised text.
help-take-title = How to print or download
help-take-text = The button Print prints this page. Under “Print and download” you choose pages for a PDF file in which the text can be searched and copied.
help-check-title = How to check a file
help-check-text = Under “Verification” you choose a file or type its digital fingerprint: it is shown whether it is in the archive, in which dossier and since when. The file does not leave your computer.

## When something fails

to-search = Back to the search
error-not-found-title = Not there
error-not-found-text = There is nothing at this address.
error-not-found-todo = Check the address, or search again.
error-request-title = The request was not understood
error-request-text = A part of the address is wrong.
error-request-todo = Go back to the search and try again. Nothing in the archive has changed.
error-no-picture-title = The picture cannot be shown
error-no-picture-text = The file has no picture that can be shown.
error-no-picture-todo = The original can be downloaded from the details of the page.
error-refused-title = Not done
error-refused-text = What you asked for cannot be done now: the box is closed or still being loaded, or another site asked for it.
error-refused-todo = Go back to the page of the batch and try again. Nothing in the archive has changed.
error-nameless-title = A name is missing
error-nameless-text = A decision about a page is kept with the name of who made it.
error-nameless-todo = Go back, write your name above the pages and choose again. Nothing in the archive has changed.
error-busy-title = Too many requests
error-busy-text = The archive is answering other requests.
error-busy-todo = Try again in a moment.
error-damaged-title = The stored data are not whole
error-damaged-text = The stored bytes are missing or are not those that were received.
error-damaged-todo = Tell the administrator: the command hrisov verify shows what happened. Nothing was lost by this request.
error-server-title = The archive cannot answer
error-server-text = The program met a problem, noted in its log.
error-server-todo = Try again; if it happens again, tell the administrator. Nothing in the archive has changed.
error-pages-title = The pages were not understood
error-pages-text = Write page numbers of the dossier, such as 1-3, 7; at most { $number } at once.
error-pages-todo = Go back and write the pages wanted again.
error-too-long-title = The address is too long
error-too-long-text = You wrote more than can be searched for at once.
error-too-long-todo = Go back to the search and write fewer words. Nothing in the archive has changed.
