"""What advertising is made of: words with the theme they belong to, and phrases that say it all.

A theme counts once in a message, by its heaviest word. No word is enough by itself: a chat of developers has
free lists, followers of a leader, wallets, bets and subscribers.
"""

from __future__ import annotations

THEMES = {
    # What is to be had, and that it costs little.
    "offer 1": """
        free gratis giveaway giveaways airdrop bonus prize prizes reward rewards gift gifts cheap cheaper cheapest
        discount affordable sale promo coupon guaranteed profitable winner congratulations selected deal deals
        mystery bulk unlimited exclusive trial refund refunding compensation spare doubled premium leaked cracked undetected
        cloned organic
        gratuit gratuits gratuite kostenlos kostenlose gewinnspiel gewinnspiele sorteo sorteos regalo baratos baratas
        barato billige billig sorteio sorteios regalos chers rabatt sichern gratuitement grátis ucuz bedava
        бесплатно бесплатные бесплатный розыгрыш розыгрыши раздача дешево недорого скидка бонус
    """,
    "goods 1.5": """
        nitro robux vbucks skins viewers viewbots viewbot followers subs spins casino betting fixed odds tips
        xanax oxy viagra pills weed nudes onlyfans singles dating escort sugar aimbot wallhack cheats hacker hack
        iptv smm presale whitelist usdt forex seguidores abonnes zuschauer follower seguidor robuks подписчиков
        зрителей робуксы ставки apuestas paris pronostics casinos passports iphone ps5 playstation cashapp pump
        loan loans kredit credit prestamos prestamo pret кредит apostas aposte slot slots jackpot aviator
    """,
    "goods 1": """
        bitcoin btc eth ethereum sol doge crypto krypto cryptocurrency coin coins token tokens nft gem wallet
        primes metamask accounts account alts keys codes gift card cards netflix spotify steam minecraft fortnite
        likes views stars reviews ranks girls girl pics cam adult lonely hot content
        logo logos overlay emotes banner banners website websites seo hosting vpn template course courses
        book ebook mixtape soundcloud newsletter prompts ads essay homework exam exams certificate documents
        licence diploma tea signals trades leverage mining stake staking investment tokens shop store
        крипте крипта биткоина биткоин
    """,
    "earn 1.5": """
        earn earning earned income invest investing investment profit profits passive payout payouts hustle
        millionaire broke financial trading trader flip moon moons 100x 1000x 50x
        gana gane ganar ganhe ganhar verdiene verdien verdienen gagne gagner guadagna zarabiaj kazan hasilkan
        заработок заработай заработать renda invierte вложений einkommen
    """,
    "earn 1": """
        win won wins winning money cash paid salary hiring rich job jobs boss weekly daily
        dinero geld argent dinheiro деньги деньги work
    """,
    "pace 0.75": """
        day week month hour hourly hours minutes dia dias tag jour semana giorno dag день
    """,
    "contact 1": """
        dm dms pm inbox hmu
        privado priv privat prive privato лс личку private
    """,
    "contact 0.75": """
        contact message text write add ask reply msg contacto contacta contactame contacte schreib escribeme
        escreve scrivimi пишите пиши yaz napisz stuur hubungi chama kontakt ecris
    """,
    "messenger 1.5": """
        whatsapp telegram kik snap snapchat wechat viber skype телеграм телегу kakao insta instagram
    """,
    "self 1": """
        profile bio youtube channel server page guild group community discord referral soundcloud
        canal kanal kanalima chaine serveur servidor servidor canale grupo profil profilem perfil дискорд сервер
        профиле канал instagram twitch patreon gumroad website shop portfolio
    """,
    "action 0.75": """
        click join subscribe follow register sign visit buy order download claim grab enter upvote apply check
        unlock verify validate connect scan hire promote boost grow rank deposit withdraw comment sell try get
        unete suscribete sigueme entra registrieren abonniere folge clique rejoins abonne suis inscreve segue
        подпишись заходи переходи iscriviti seguimi takip zasubskrybuj follow volg abonneer komm
    """,
    "hurry 0.75": """
        hurry limited today tonight now left expires ends instantly instant immediate inmediata fast quick
        heute hoy hoje aujourd'hui сегодня only first
    """,
    "trust 0.75": """
        100 trusted legit legal safe proven permanent experience guarantee risk sure certified real
        interview survey skills
    """,
    "link 0.75": "link links enlace lien ссылка ссылке",
}
"""Theme and weight, with its words; of more than one language, without accents."""

PHRASES = """
    follow for follow|sub for sub|like for like|star for star|f4f|s4s|l4l|sub4sub|follow4follow|followback
    follow back|follow you back|follow u back|follow everybody back|follow everyone back|sub back|subscribe back
    follows back|subs back|swap follows|mutual follows|mutual follow|i will star yours|return the favor
    subscribe to mine|subscribe to my channel|sub to my channel|sub to my youtube|subscribe to my youtube
    follow my page|follow my insta|follow my twitch|follow my github|follow my twitter|follow on my stream
    follow me on|follow on my|follow on twitch|need followers|reach 1k|new streamer|we all sub|sub each other
    link in bio|link in my bio|link in profile|link in my profile|link on my page|link on my profile|check my bio
    check my profile|click my profile|visit my profile|visit my website|my private page|on my profile
    watch my stream|watch my new video|my new video|come watch me|my youtube channel|my twitch channel
    dm me to|dm to apply|dm for the link|dm for link|dm me for|pm me for|message me now|inbox me|hit my inbox
    text me on|write me on|add me on|contact me on|contact him on|contact her on|hmu on|message us|dm open
    make money|earn money|earn from home|from home|work from home|be your own boss|quit his job|quit my job
    passive income|financial freedom|side hustle|no experience|no credit check|no deposit
    get rich|get paid to|double your crypto|double your bitcoin|double your money|send 50|connect wallet
    connect your wallet|verify your wallet|validate your wallet|seed phrase here|12 words|claim your|claim yours
    giving away|giveaway|giveaways|you have won|you won|you have been selected|gift is waiting|are the lucky
    free nitro|free robux|free v bucks|free discord|free steam|free followers|free viewers|free bitcoin|free spins
    buy followers|buy viewers|buy views|buy likes|buy reviews|cheap followers|cheap viewers|best viewers
    more viewers|real followers|1000 followers|boost your|grow your channel|grow your twitter|grow your instagram
    promote your|rank 1 on|get promoted|viewers and chat|free trial add|graphic designer|help you grow
    join my server|join my discord|join our discord|join my group|join our group|join my team|join my community
    join my telegram|join my guild|come to my server|my discord server|our server has|vip group|pump group
    promo code|use my code|use code|with my code|with my link|my referral|referral link|off today|best vpn
    fixed match|fixed matches|betting tips|sure odds|for free spins
    login code|confirm your password|account will be banned|account back|recover your|recovery expert
    recovered all my|get it back contact|hacker for hire|hire a professional|fix credit|no prescription
    crypto signals|premium signals|signals group|signal group|copy my trades|next pump
    hot girls|hot pics|my pics|private pics|private cam|in your area|only fans|without clothes|leaked onlyfans
    in bio|in my bio|my snap|my kik|discord gg slash|follows me in|bring you many|we sell|we buy your|i sell
    order now|buy now|act now|on product hunt|upvote us|5 stars|new app is out|verified accounts|smm panel
    free credits|members for my|come follow|please follow|please sub|please subscribe
    te sigo de vuelta|sigueme y|suscribete a mi|gana dinero|desde casa|seguidores baratos|mandame mensaje
    unete a mi|enlace de mi perfil|al privado|folge mir und|ich folge dir|abonniere meinen|von zuhause
    schreib mir privat|billige follower|link in meinem|geld verdienen|ohne schufa|meinen discord
    abonne toi a ma|abonne toi|m abonne a|depuis chez toi|en prive|abonnes pas chers|rejoins mon|lien de mon profil
    gagner de l argent|contacte moi|me segue que|sigo de volta|se inscreve no meu|link na bio|me chama
    no privado|renda extra|entra no meu|подпишусь в ответ|подпишись на|взаимная подписка|в личку|пиши в лс
    накрутка|ссылка в профиле|заходи на мой|без вложений|договорные матчи|ti seguo|iscriviti al mio
    da casa scrivimi|in privato|takip edeyim|kanalima abone|evden gunde|napisz na priv|zasubskrybuj moj
    z domu|follow balik|dari hp|volg je terug|op mijn kanaal|vanuit huis
"""

UNSPACED = """
    加我微信 加微信 加qq 互粉 刷粉 刷观众 领红包 日赚 日结 私聊我 免费领取 相互フォロー フォロー返 フォローしてくれたら 副業 月収
    dmください 無料で配布 ビットコインを配布 맞팔 구독하면 카톡 벌기
"""
"""Phrases of scripts without spaces between words, where they stand anywhere."""
