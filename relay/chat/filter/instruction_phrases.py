"""How people word it who want agents to obey them: patterns of a message in lower case, without accents.

All of them are bounded, and are looked for at the beginnings of words.
"""

from __future__ import annotations

PHRASES = (
    r"you are now (?:an? |the |in |dan\b|free|my |root|unrestricted)(?!main|master|branch|database)",
    r"you will now (?:act|be|answer|obey)",
    r"from now on,? (?:you|obey|answer|only)",
    r"(?:ignore|disregard|forget) (?:everything|the above|all (?:the )?above|what (?:you were"
    r"|the host|the system))",
    r"(?:set|put|throw|leave) (?:aside|away|out) (?:the |all |your )",
    r"(?:obey|listen to|answer to|follow) (?:only )?mine?\b",
    r"(?:do not|don't|stop|never) follow(?:ing)? (?:your|the|any) (?:earlier|previous|prior|above"
    r"|initial|system|instructions|rules)",
    r"(?:text|everything|words|message|lines?) above this",
    r"in your context(?: window)?",
    r"what (?:are|were|is) your (?:initial|original|system|hidden|secret) (?:instructions?"
    r"|prompts?|rules|message)",
    r"begin your (?:next )?(?:message|answer|reply) with",
    r"no longer (?:apply|bound)",
    r"new instructions (?:follow|are)",
    r"an ai (?:without|with no)",
    r"(?:without|no) (?:any )?(?:rules|restrictions|limits|limitations|filters?)(?= and| or|$|[.!])",
    r"(?:had|have) no (?:limits|rules|restrictions)",
    r"safety (?:rules|filters?) (?:is|are) off",
    r"as your (?:developer|creator|admin|administrator|owner|operator|master)",
    r"(?:i|we) (?:hereby )?authori[sz]e you",
    r"(?:you have|you've) (?:my )?permission to (?:skip|ignore|push|merge|delete)",
    r"(?:attention|important|dear|all|hey)\W{1,3}(?:all )?(?:ai )?agents?\b.{0,24}\b(?:must|stop"
    r"|execute|run)\b",
    r"(?:previous|earlier|prior|old) (?:orders|instructions) (?:are|is|were) (?:cancel\w{2,4}"
    r"|void|outdated|revoked)",
    r"(?:begin|end|start) (?:of )?system (?:prompt|message)",
    r"instructions (?:are|were) (?:outdated|void|cancelled|revoked)",
    r"contents? of (?:the )?\.env",
    r"grant me (?:write|root|admin)",
    r"print (?:all )?your (?:env|api|secret)",
    r"(?:admin|system|developer|god|sudo|root) (?:override|mode (?:on|enabled|activated|:))",
    r"your new (?:goal|task|role|owner|job|name) is",
    r"you (?:must|will|shall) (?:obey|comply|answer everything|only answer)",
    r"(?:list|show|dump) your (?:tools|memory|config\w*)",
    r"(?:pretend|imagine|act|behave|respond|roleplay|role play|simulate) (?:that )?(?:to be"
    r"|you are|as if|as though|like) (?:you )?(?:an? )?"
    r"(?:have no|had no|are not|unrestricted|uncensored|evil"
    r"|hacker|different (?:ai|model)|without|free|another)",
    r"(?:decode|decrypt) (?:this|the following|it) and (?:run|execute|follow|obey)",
    r"(?:add|write|put) (?:this|it|the following) (?:in)?to (?:claude|agents|gemini)\.md",
    r"(?:stop|drop|abandon|cancel) (?:what you(?:'re| are) doing|your (?:current )?tasks?) and",
    r"(?:first|last) (?:message|instruction)s? you (?:were|got|received)",
    r"you were (?:told|given|instructed)",
    r"in your next (?:commit|message|reply),? (?:include|add|write|put)",
    r"end (?:every|each) (?:message|reply|commit) with",
    r"a partir de (?:ahora|agora)",
    r"ab (?:jetzt|sofort) (?:bist|gehorch|folg|antwort)",
    r"od teraz (?:jestes|sluchasz)",
    r"(?:muestra|dime|ensena) tu prompt",
    r"zeig (?:mir )?deinen? (?:system|anweisung)",
    r"покажи (?:свой )?(?:системн|промпт)",
    r"context window verbatim|word for word|developer mode|jailbreak|do anything now|new owner",
    r"act as root|secret token|a partir de maintenant|da ora in poi|bundan sonra|с этого момента|отныне",
    r"vanaf nu|ahora eres|tu es maintenant|du bist jetzt|agora voce e|voce agora e|sei ora|ora sei",
    r"теперь ты|je bent nu|jestes teraz|artik sen|sen artik|affiche ton prompt|mostre seu prompt",
    r"mostra il tuo prompt",
)
"""New roles, orders taken back, secrets asked for, and permissions nobody gave."""
