"""The words of page furniture, as data: one regular expression a line, matched against a whole line of a page, folded
by `assistant.ingest.furniture.plain`. Collected from RealTimeQA 2022 and from common sites."""

from __future__ import annotations

import re


def _any(patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{line.strip()})" for line in patterns.strip().splitlines()))


# Lines made of button names alone: "Share via Email | Link", "Facebook Twitter Print", "Accept all | Settings".
NETWORKS = frozenset(
    """facebook twitter x email e-mail mail whatsapp linkedin reddit pinterest telegram bluesky threads instagram
    youtube tiktok messenger flipboard sms print link copy url tweet teilen""".split()
)
SHARING = NETWORKS | frozenset(
    """share via on with by this the article story page post save later bookmark listen comment comments friends
    social media or and for to your a""".split()
)
CONSENT = frozenset(
    """accept allow reject decline deny agree manage all cookies cookie settings preferences choices options policy
    necessary only continue more close ok got it i privacy learn customise customize save and my""".split()
)
SECTIONS = frozenset(
    """home news world us uk europe politics business economy money markets sport sports opinion culture arts
    lifestyle life entertainment science tech technology health climate environment travel weather video videos
    photos live more menu search subscribe login log sign in up local national international obituaries crossword
    podcasts magazine newsletter newsletters jobs shop food style education asia africa americas and""".split()
)

BUTTONS = _any(
    r"""
    skip to (?:main |the )?(?:content|navigation)
    back to top
    jump to (?:comments|content)
    log ?in
    sign ?in
    sign in (?:or|/) (?:register|subscribe|sign up)
    (?:toggle|open|close|main) (?:navigation|menu)
    (?:view|show|read|hide|post|leave a|add a|write a) (?:all )?(?:\d+ )?comments?
    print (?:this )?(?:article|page|story)
    (?:copy link|link copied|copied)[.!]?
    listen to (?:this|the) (?:article|story)
    \d+[ -]min(?:ute)?s?[ -](?:read|listen)
    reading time:? \d+ min(?:ute)?s?
    loading ?(?:\.\.\.|…)
    getting your trinity audio player ready\W*
    share|tweet
    (?:hide|toggle|show) caption
    (?:enlarge|expand)(?: this)?(?: image)?
    """
)

ADVERTISING = _any(
    r"""
    (?:advertise?ments?|advertising)\W*
    (?:sponsored|promoted|paid)(?: content| post| by [\w .&]{2,30})?
    ad feedback
    skip ad(?:vertisement)?
    ads? by \w+
    anzeige|werbung|publicit[eé]|publicidad|pubblicità
    (?:story|article|content) continues (?:below|after).{0,80}
    (?:scroll|continue reading|keep scrolling).{0,20}(?:to continue|below|advertisement).{0,40}
    (?:\d\. ?)?how relevant is (?:this|the) ad to you\W*
    video player was slow to load content\b.*
    did you encounter any technical issues\W*
    if you (?:click|buy|make a purchase).{0,60}(?:commission|revenue).{0,80}
    """
)

COOKIES = _any(
    r"""
    (?:we|(?:this|our) (?:web)?site)(?: and (?:our|its) (?:\d+ )?partners)?(?: may)? uses? (?:\W*|\S+ )?cookies\b.*
    we (?:value|respect|care about) your privacy\b.*
    (?:this|our) (?:web)?site uses .{0,30}cookies.*
    by (?:continuing|clicking|using|browsing)\b.{0,120}\b(?:cookies|terms|privacy|conditions)\b.*
    (?:cookies?|privacy) (?:notice|policy|settings|preferences|consent)
    your privacy choices
    wir verwenden cookies\b.*
    nous utilisons des cookies\b.*
    """
)

NEWSLETTER = _any(
    r"""
    you may (?:occasionally|also) receive promotional\b.*
    by (?:signing up|subscribing|submitting|providing)\b.{0,40}\byou (?:agree|consent|will|may|confirm)\b.*
    (?:please )?enter (?:your|a valid) e-?mail(?: address)?\W*
    your e-?mail(?: address)?\W*
    thank(?:s| you) for (?:signing up|subscribing)\b.*
    unsubscribe (?:at )?any ?time\W*
    no spam\b.{0,60}
    (?:sign up|subscribe|register) (?:now|today|here)?\W*
    (?:sign up|subscribe|register|get)\b.{0,160}\b(?:newsletters?|inbox|e-?mail alerts?)\b.*
    (?:sign up|subscribe|register|get)\b.{0,160}\b(?:daily|morning|weekly) (?:briefing|e-?mail|digest|update)\b.*
    .{0,160}\bnewsletters?\b.{0,60}\b(?:sign up|subscribe)(?: (?:for it|for free))? (?:here|now|today)\b.*
    .{0,160}\b(?:sign up|subscribe) (?:for|to) (?:our|the|cnn|this)\b.{0,40}\bnewsletters?\b.{0,80}
    .{0,160}\b(?:sign up|subscribe) here for\b.{0,60}newsletters?\b.*
    .{0,120}\b(?:sent|delivered|straight|directly|right) to your (?:inbox|phone)\b.*
    would you like to receive\b.{0,60}\bnewsletter\b.*
    (?:a|this) (?:version of this )?(?:story|article|piece)\b.{0,60}\bnewsletter\b.{0,160}(?:sign up|subscribe)\b.*
    we will use the (?:details|information) you have shared\b.*
    if you wish to object to the use of your data\b.*
    '?we'? includes\b.{0,120}\bbrands as detailed here\W*
    join (?:our|the) (?:mailing list|(?:whatsapp|telegram) channel)\b.{0,60}
    newsletter (?:abonnieren|bestellen)\W*
    (?:get|download) (?:our|the) (?:free )?(?:news )?app\b.{0,60}
    """
)

SUBSCRIPTION = _any(
    r"""
    (?:please )?support (?:local|quality|independent|our) journalism\b.*
    thank you for supporting our journalism\b.*
    already a (?:subscriber|member)\?.*
    (?:this|these) (?:article|story|stories|articles) (?:is|are) (?:for|only available to).{0,40}\bsubscribers\b.*
    subscribe to\b.{0,80}\b(?:here|today|now)\W*
    (?:become|consider becoming) (?:a|an)\b.{0,40}\b(?:subscriber|member)\b.*
    subscribe to (?:continue|keep) reading\W*
    to (?:continue|keep) reading,? (?:please )?(?:subscribe|sign up|register|log in)\b.*
    """
)

CONTACT = _any(
    r"""
    follow .{2,90}\bon (?:twitter|facebook|instagram|x|bluesky|threads|tiktok|youtube|linkedin|google news)\b.*
    (?:contact|reach|e-?mail|call) .{2,120}\S@\S+.*
    like us on facebook\b.*
    """
)

READ_ON = _any(
    r"""
    (?:read|see|learn) more(?: here)?\W*
    (?:click|tap) here(?: to .{2,40})?\W*
    read (?:the )?(?:full|more).{0,30} here\W*
    """
)

_LABEL = (
    r"(?:(?:read|watch|listen|see|hear|more|related|also|recommended|further reading)"
    r"(?: (?:more|also|next|now|this|it|here))?"
    r"(?: (?:on|from|about|in) (?:this(?: story| topic)?|[\w .']{2,24}))?"
    r"|also read|also see|don't miss|must[- ]read|editors?'? picks?|what to read next|more (?:coverage|stories|news)"
    r"|related (?:stories|story|articles?|content|coverage|news|topics?|video)|you (?:may|might) also like"
    r"|most (?:popular|read|viewed|shared)|lesen sie auch|mehr zum thema|lire aussi|lee también|leggi anche)"
)
LINK = _any(
    rf"""
    {_LABEL}\s*[:»>]+\s*\S.*
    {_LABEL}\s+https?://\S+
    more (?:from )?ap\b.*https?://.*
    """
)

_AGENCY = r"(?:getty images?|afp|reuters|ap photo|associated press|shutterstock|epa|bloomberg|imago|dpa|pa media|alamy)"
CREDIT = _any(
    rf"""
    (?:photo(?:graph)?|image|picture|illustration|video|graphic)s? ?(?:credit|by|courtesy(?: of)?|source|:)\W.{{2,70}}
    image (?:source|caption),? {_AGENCY}
    (?!.*\. )[\w .'&,/+-]{{2,50}}(?:/| via | / )\s?(?:pool/)?{_AGENCY}(?:/[\w .]+)?
    getty images?
    """
)

RIGHTS = re.compile(r"(?:©|\(c\)|&copy;|copyright)\s?.{0,120}|.{0,80}\ball rights reserved\b.{0,80}")

TAIL = _any(
    r"""
    more to read|most (?:popular|read|viewed|shared|watched)(?: .{1,20})?|read (?:more|next)|more (?:stories|news)
    (?:related|recommended|trending|popular|top|latest)
    (?:related|recommended|trending|popular|top|latest) (?:stories|articles|news|content|posts|topics|coverage)
    (?:top|latest) headlines
    trending now|recommended (?:for you|reading)|related reading
    more (?:from|on|in) .{2,40}
    you (?:may|might) also (?:like|be interested in)|also (?:of interest|in the news)|what to read next|keep reading
    around the web|from our partners|editors?'? picks?|meistgelesen|mehr zum thema|das könnte sie auch interessieren
    """
)

COMMENTS = re.compile(
    r"(?:\d+ )?(?:comments?|kommentare)(?: ?\(\d+\))?|(?:leave|post) a (?:comment|reply)"
    r"|join the (?:conversation|discussion)"
)
COUNTED = re.compile(r"\d+ \w+|\w+ ?\(\d+\)|(?:leave|post|join) .*")
