"""What advertising and bait are made of: words with the theme they belong to, and phrases that say it all.

A theme counts once in a message, by its heaviest word. No word is enough by itself: a chat of developers has
free lists, followers of a leader, wallets, bets and subscribers. Of most languages a few telling words are
here; they are written as people write them, and compared without accents.
"""

from __future__ import annotations

THEMES = {
    "offer 1": """
        free gratis bonus prize prizes reward rewards gift gifts cheap cheaper cheapest discount
        affordable sale promo coupon guaranteed winner congratulations selected deal deals mystery
        bulk unlimited exclusive trial refund refunding compensation spare doubled premium cracked
        undetected cloned organic unblocked uncensored gratuit gratuits gratuite gratuitement
        kostenlos kostenlose kostenloses regalo regalos regale baratos baratas barato billige billig
        günstig sorteo sorteos sorteio sorteios chers cher rabatt ucuz bedava tani tanie tanio
        darmowe darmowy goedkoop cadeau cadeaux geschenk geschenke presente presentes omaggio hediye
        gratisan murah bonusu grátis бесплатно бесплатные бесплатный розыгрыш розыгрыши раздача
        дешево дёшево недорого скидка скидки бонус подарки подарок मुफ्त مجانا مجاني هدايا רכישה
        חינם miễn special bargain clearance wholesale freebie freebies lucky surprise jackpots
        vouchers voucher trials instantly angebot angebote gutschein gewonnen gewinn gewinne
        gewinnen umsonst offre offres gagné gagnant promotion oferta ofertas ganado ganador premio
        premios ganhou vencedor promoção vinto vincitore offerta offerte sconto nagroda nagrody
        wygrałeś promocja okazja ödül kazandınız kazandın indirim kampanya выиграл выиграли приз
        призы акция дарим hadiah menang prijs korting aanbieding vinst erbjudande rabatter इनाम जीते
        جائزة ربحت عرض
    """,
    "offer 1.5": "giveaway giveaways airdrop airdrops gewinnspiel gewinnspiele çekiliş çekilişi leaked leaks",
    "goods 1.5": """
        nitro robux vbucks skins viewers viewbots viewbot followers subs spins casino betting xanax
        oxy viagra pills weed nudes onlyfans dating escort singles aimbot wallhack hacker iptv smm
        presale whitelist usdt forex cashapp iphone ps5 playstation passports slots jackpot aviator
        mp3 subtitles seguidores seguidor abonnés abonnements zuschauer follower vues visualizações
        espectadores takipçi izleyici obserwujący obserwujących wyświetlenia kijkers volgers
        iscritti visualizzazioni pengikut penonton подписчиков подписчики зрителей зрители робуксы
        ставки apuestas pronostics apostas paris loan loans kredit credito crédito préstamos
        préstamo prêt кредит pożyczka lening prestiti chicas mädchen frauen novinhas mujeres femmes
        девушки ragazze kızlar dziewczyny caliente calientes heiße heisse sexy webcam webcams
        escorts milf porn porno hentai hookup hookups horny naked nude sexting sugardaddy sugarbaby
        steroids cialis kamagra ozempic cbd vape cocaine mdma lsd replica replicas counterfeit
        baccarat roulette poker bookmaker bookmakers sportsbook bets wagering toto togel judi bahis
        казино рулетка слоты cracks keygen warez torrent torrents cheats aimbots spoofer boosting
        reels tiktok tiktokers clickbait backlinks dropshipping mlm giftcards paysafecard sexo sesso
        seks erotik erotico érotique webcamgirls секс интим порно знакомства rencontres citas
        incontri randki suscriptores inscritos abonnenten subskrybentów abone aboneler suscriptor
        abonados подписки просмотров camgirl camgirls sexcam solteras soltera célibataires rencontre
        donne mulheres garotas kobiety samotne горячие одинокие девочки ateşli bayanlar sexchat
        hottest ladies babes लड़कियां فتيات بنات
    """,
    "goods 1": """
        bitcoin bitcoins btc eth ethereum sol doge crypto krypto cryptocurrency coin coins nft gem
        metamask accounts alts keys card cards netflix spotify steam minecraft fortnite likes views
        stars reviews ranks primes girls girl pics cam adult lonely hot movies movie shoes watches
        logo logos overlay emotes banner banners website websites seo hosting vpn template course
        courses book ebook mixtape soundcloud newsletter prompts ads essay essays plagiarism
        homework exam exams certificate documents licence diploma tea signals trades leverage mining
        staking investment shop store track video videos wallet крипте крипта биткоин биткоина
        биткойн vídeos vidéos
    """,
    "earn 1.5": """
        earn earning earned income invest investing profit profits passive payout payouts hustle
        millionaire broke financial flip 100x 1000x 50x gana gane ganar ganhe ganhar verdiene
        verdien verdienen gagne gagner guadagna zarabiaj zarób kazan kazanç hasilkan заработок
        заработай заработать доход renda einkommen invierte вложений कमाएं कमाई
    """,
    "earn 1": """
        win won wins winning money cash paid pay salary hiring rich job jobs boss weekly daily rent
        trading trader dinero geld argent dinheiro деньги praca pracy pieniądze soldi lavoro uang
        trabajo trabalho emploi revenue cashback stipend recruiter recruiting recruitment vacancy
        vacancies freelancing gig gigs verdienst nebenverdienst nebenjob heimarbeit homeoffice
        télétravail complément salaire teletrabajo ingresos sueldo salário emprego vaga vagas
        guadagni stipendio zarobki dochód etat maaş gelir зарплата вакансия подработка работа
        удалённая удаленная доходы gaji kerja werk bijverdienen inkomen jobb नौकरी وظيفة عمل دخل
        recruit recruits freelancer freelancers busco buscamos cerco cerchiamo szukam szukamy ищу
        ищем набор сотрудников empleo freelance bezahlung bezahlt payé payés pagado pagamos pago
        pagamento płacimy płatne платим оплата ödeme ücret bayar
    """,
    "pace 0.75": """
        day week month hour hourly hours minutes día días dia dias tag jour jours semana giorno dag
        день dzień dziennie gün günde rojo रोज harian per
    """,
    "contact 1": "dm dms pm inbox hmu privado priv privat privé privato лс личку private özelden",
    "contact 0.75": """
        contact message text write add ask reply msg contacto contacta contáctame contacte schreib
        escríbeme escreve scrivimi пишите пиши yaz napisz stuur hubungi chama kontakt écris
        contacter contatta kontaktuj
    """,
    "messenger 1.5": """
        whatsapp whatsappie telegram telegramie kik snap snapchat wechat viber skype телеграм телегу
        телеграмм kakao kakaotalk insta zalo व्हाट्सएप टेलीग्राम واتساب تيليجرام וואטסאפ whatsap
        watsapp tg imo ватсап вотсап вайбер
    """,
    "self 1": """
        profile bio youtube channel server page guild group community discord referral instagram
        twitch patreon gumroad canal kanal kanalıma kanał kanale chaîne serveur servidor canale
        grupo profil profilem perfil portfolio live stream streaming kanaal profiel saluran profilim
        дискорд сервер профиле профиль канал стрим
    """,
    "action 0.75": """
        click join subscribe follow register sign visit buy order download claim grab enter upvote
        apply check open unlock connect scan hire promote boost rent deposit withdraw comment sell
        try get go watch look share únete suscríbete sígueme entra entrez registrieren anmelden
        abonniere abonniert folge clique cliquez rejoins abonne suis inscreve inscrevam segue clicca
        clic haz pasen schaut venez acheter comprar compra kaufen kup подпишись подпишитесь заходи
        заходите переходи переходите жми жмите скачать купить смотри iscriviti seguimi iscrivetevi
        takip tıkla katıl kaydol zasubskrybuj subskrybuj kliknij dołącz volg abonneer klik kom ikuti
        gabung tap reply start invest participate enroll enrol redeem spin bet play install
        teilnehmen mitmachen bewerben klickt spielt gewinnt jouez jouer télécharge téléchargez
        profite profitez participez juega descarga aprovecha participa regístrate registrate jogue
        baixe aproveite participe cadastre gioca scarica partecipa zagraj pobierz odbierz weź oyna
        indir регистрируйся регистрируйтесь играй скачивай получи получите забирай speel main unduh
        daftar
    """,
    "hurry 0.75": """
        anında minut minuten dakika delivery lieferung livraison entrega teslimat dostawa consegna levering доставка
        быстро schnell rápido rapide rapido hızlı szybko snel cepat
        hurry limited today tonight now left expires ends instantly instant immediate fast quick
        only first here immédiate immédiatement inmediata inmediato heute sofort jetzt hier hoy
        ahora aquí hoje agora aqui ici maintenant aujourd'hui сегодня сейчас сюда здесь oggi subito
        adesso qui bugün hemen şimdi buraya dziś teraz tutaj natychmiast vandaag direct sekarang
        urgent immediately asap soon final last ending 24h sofortig dringend urgente срочно acil
        pilne
    """,
    "trust 0.75": """
        trusted legit legal safe proven permanent experience guarantee risk real interview survey
        skills questions erfahrung experiencia expérience esperienza experiência опыта doświadczenia
        deneyim satisfied happy
    """,
    "threat 1.25": """
        suspended banned locked flagged closed frozen blocked disabled expire expires limited
        unauthorized synchronized gesperrt blockiert suspendida suspendido bloqueada bloqueado
        bloqueo suspendu bloqué sospeso bloccato заблокирован заблокирована zablokowane zablokowany
        askıya kapatılacak kapatılacaktır geblokkeerd suspensa deactivated terminated violation
        compromised hacked unusual unauthorised restricted verletzt deaktiviert desactivada
        desativada désactivé disattivato dezaktywowane деактивирован взломан engellendi
    """,
    "verify 1": """
        verify verification validate confirm login authenticate synchronize recovery password
        credentials bestätige bestätigen anmeldung verifica verificar verifique confirma confirme
        confirmez vérifiez conferma подтвердите подтверди войдите potwierdź zweryfikuj doğrula
        doğrulayın bevestig verifikasi
    """,
    "yours 0.75": """
        account konto cuenta compte conta аккаунт konta hesabınız hesap rekening photos pictures
        dein deine votre sua suas twoje tuo ваш твой mailbox inbox paypal card wallet kontos cuentas
        comptes
    """,
}
"""Theme and weight, with its words."""

PHRASES = """
    follow for follow|sub for sub|like for like|star for star|f4f|s4s|l4l|sub4sub|follow4follow|followback
    follow back|follow you back|follow u back|follow everybody back|follow everyone back|sub back
    subscribe back|follows back|subs back|swap follows|mutual follows|mutual follow|i will star yours
    return the favor|sub to you|sub to me|sub to each other|subscribe to mine|subscribe to my|sub to my
    like and subscribe|follow my|follow me on|follow me at|follows me in|follow on my|follow on twitch
    drop a follow|need followers|reach 1k|new streamer|started streaming|we all sub|sub each other
    come follow|please follow|please sub|please subscribe|link in bio|in my bio|in bio|link in profile
    in my profile|link on my page|on my profile|check my bio|check my profile|click my profile
    visit my profile|visit my website|my private page|my new video|my latest video|watch my stream
    come watch me|come watch my|check out my channel|check out my stream|my youtube channel
    my twitch channel|going live|live now|live right now|i am live|im live|i go live|up on my channel
    on my channel now|out now|new track|new album|new app is out|on product hunt|upvote us|5 stars|buy my
    we sell|we buy your|dm me to|dm to apply|dm for|dm me for|dm me if|pm me for|message me now
    message me for|inbox me|hit my inbox|text me on|write me on|add me on|contact me on|contact him on
    contact her on|hmu on|message us|dm open|my snap|my kik|make money|earn money|earn from home|from home
    work from home|be your own boss|quit his job|quit my job|passive income|financial freedom|side hustle
    no experience|no credit check|no deposit|no questions asked|get rich|get paid|paid daily|we pay|good pay
    rent me|rent their|rent your account|double your crypto|double your bitcoin|double your money
    double your eth|send 50|connect wallet|connect your wallet|verify your wallet|validate your wallet
    seed phrase here|recovery phrase|12 words|24 words|claim your|claim yours|claim it|claim now|giving away
    you have won|you won|you ve won|you have been selected|gift is waiting|lucky winner|free nitro
    free robux|free v bucks|free discord|free steam|free followers|free viewers|free bitcoin|free spins
    free skins|free gift card|gift card giveaway|free credits|buy followers|buy viewers|buy views|buy likes
    buy reviews|buy subscribers|cheap followers|cheap viewers|best viewers|more viewers|real followers
    1000 followers|followers and viewers|boost your|grow your channel|grow your twitter|grow your instagram
    grow your audience|promote your|promotion service|upgrade your stream|rank 1 on|get promoted
    viewers and chat|viewbot|viewbots|graphic designer|help you grow|bring you many|smm panel
    wanna be famous|want to be famous|become famous|happy customers|join my|join our server|join our discord
    join our group|join our community|join our telegram|come to my server|my discord server|our server has
    vip group|pump group|members for my|discord gg slash|promo code|use my code|use code|with my code
    with my link|my referral|referral link|off today|best vpn|sale today|order now|buy now|act now|apply now
    sign up now|register now|fixed match|fixed matches|betting tips|sure odds|login code
    confirm your password|account will be|your account has been|account back|account is suspended
    account was flagged|has been flagged|send me your|recover your|recovery expert|recovered all my
    get it back contact|hacker for hire|hire a professional|fix credit|no prescription|posted your photos
    your photos here|is this you in|you in this video|vote for my team|get verified|verified badge
    official support|verified accounts|crypto signals|premium signals|signals group|signal group
    copy my trades|next pump|hot girls|hot singles|hot pics|my pics|private pics|private cam|in your area
    near you no|only fans|without clothes|leaked onlyfans|chat with me at|girls near you|singles near you
    sexy girls|webcam girls|watch full movie|full movie|full movie free|writing service|plagiarism free
    unblocked games|click here|go here http|click the link below|sign in to|log in here|login here|log in at
    verify here|verify now|verify your account here|verify your account at|verify your account to
    confirm your account|confirm your identity|scan this|scan the qr|enter your recovery|enter your seed
    enter your password|your password has|host token|your token so i|as the owner i need|patched client
    run this in your terminal|unusual activity|someone posted|found your photo|look at this photo
    did you see this video|someone is selling|unclaimed|claim before|your prize|your reward|your package
    delivery failed|your parcel|tax refund|get a refund|you are eligible|no skills|skills needed
    part time job|part time jobs|online job|easy job|easy money|extra income|extra money|extra cash
    hiring now|now hiring|we are hiring|were hiring|join our team|looking for someone to
    looking for people to|per day from|a day from|per week from|a week from|from your phone|from your couch
    trading bot|in one week|in 24 hours|my mentor|account manager|thanks to mr|thanks to mrs
    helped me recover|turned 100|turned 200|turned 500|lonely tonight|feeling lonely|bored come|im bored
    i m bored|waiting for you|meet girls|meet women|meet singles|for free pics|pics on my|pics in my|18 only
    adults only|onlyfans link|my onlyfans|sugar daddy|sugar baby|no strings|watch free|watch online
    free movies|free mp3|full episode|full season|download free|free download link|cracked version
    cheap shoes|cheap watches|percent off|limited offer|limited time offer|exclusive offer|new merch
    my merch|my store|my shop|my course|my ebook|my book is|my patreon|my ko fi|my podcast|my newsletter
    my latest track|my new song|my new single|my soundcloud|my spotify|share with friends|tell your friends
    come by and|come say hi|come hang|drop by my|raid my|host me|shout me out|shoutout for|pls follow
    plz follow|follow pls|support my|support each other|lets support|sub and i|subscribe and i|follow and i
    like my|like back|likes back|sub 4 sub|sub x sub|f 4 f|s 4 s|l 4 l|follow 4 follow|follow x follow
    followers for followers|subs for subs|sub4sub4sub|sub train|follow train|gain train|lets follow each
    follow each other|be mutuals|mutuals anyone|any mutuals|grow together|return favor|return favour
    return the favour|sub exchange|follow exchange|star exchange|stars for stars|star my repo and|star mine
    star each other|sub if you|follow if you|i follow everyone|i follow everybody|i sub to everyone
    abo gegen abo|abo für abo|gegenseitig folgen|gegenseitiges abo|folgt mir|folg mir|folge ich dir
    folgst du mir|sub contre sub|abonné contre|je te suis en retour|on s abonne|abo contre abo|suis moi et
    suivez moi|sub por sub|inscrito por inscrito|troco inscritos|troca de inscritos|sigo todos
    sigo de vuelta|me sigam|sigam me|seguidor por seguidor|seguimos mutuamente|sígueme|síganme|sigo a todos
    apoyo mutuo|scambio follow|scambio iscritti|ricambio follow|ricambio subito|seguitemi|sub za sub
    sub za suba|obs za obs|wzajemne suby|takibe takip|karşılıklı takip|geri takip|takipleşelim
    подписка за подписку|подписка на подписку|взаимно подпишусь|взаимные подписки|подпишись и я
    подпишитесь на|sub voor sub|volg voor volg|your steam account|your discord account|your github account
    your twitch account|your account was|your account is|update your payment|billing information
    payment failed|session expired sign|sign in again|security team here|admin here|support here|staff here
    paste your token|send your token|give me your password|tell me your password|what is your password
    your password is|reset your password at|we detected|verify you are human|verify your identity
    verify your email at|two factor code|verification code you|the code you received|read me the code
    hey is this your|is this your photo|is that you in|i reported you|you have been reported|dispute it here
    video call me|call me babe|cam show|cam girl|cam girls|spicy pics|spicy content|private content
    exclusive content|dirty chat|sexy chat|adult chat|adult content|18 content|nsfw content|nsfw pics
    dating site|date tonight|meet me tonight|looking for a man|looking for fun|looking for boys|i m lonely
    im lonely|miss you honey|hey honey|copy paste work|copy and paste work|typing job|data entry|remote job
    remote jobs|job offer|dream job|apply via|weekly pay|daily pay|daily payout|weekly payout|instant payout
    paid weekly|paid per|earn per|earn up to|make up to|minimum deposit|initial deposit|signup bonus
    sign up bonus|welcome bonus|first deposit|cash prize|real money|investment plan|investment opportunity
    trading signals|trading group|my broker|forex signals|crypto mentor|gegen geld|schnelles geld
    nebenbei verdienen|online geld|arbeiten von zu hause|zu hause arbeiten|pro tag verdienen|por día
    al día desde|por dia em|par jour sans|par jour depuis|al giorno da|dziennie bez|günde 500|в день без
    trabalhe em casa|trabaja desde|travaillez à domicile|lavora da casa|evden çalış|pracuj z domu
    работа на дому|gana dinero|ganar dinero|ganhe dinheiro|ganhar dinheiro|gagnez de l argent
    gagner de l argent|guadagna soldi|para kazan|zarabiaj online|tjäna pengar|verdien geld|geld verdienen
    mira mi|visita mi|pasen por|pásate por|entra a mi|entren a mi|suscríbete|suscribete|dale like y
    activa la campanita|visite meu|visita meu|confira meu|deixa o like|ative o sininho|se inscreva
    inscreva se|inscreve te|regardez ma|venez voir|allez voir|passez sur|likez et|activez la cloche
    guardate il mio|passate dal|venite sul mio|schaut euch mein|schaut vorbei|kommt vorbei auf|lasst ein abo
    abo da|lasst ein like|mein neues video|meine neue|kanalıma bekler|videoma|beğenmeyi unutma
    yayınıma gelin|zapraszam na|wpadajcie na|mój nowy film|łapka w górę|заходите на|залетайте на
    ставьте лайк|мой новый ролик|новое видео на|bekijk mijn|kom kijken|nieuwe video op mijn|add the dots
    remove the spaces|delete the spaces|without the spaces|replace the dots|dm for details
    message for details|dm for info|ask me how|text start|text me baby|hot ladies|wanna see my
    want to see my|girls online|send me a message|on whatsapp|via whatsapp|on telegram|via telegram
    on my telegram|per whatsapp|por whatsapp|pelo whatsapp|su whatsapp|na whatsapp|na telegramie|в телеграм
    в телеграме|в телеге|в вотсап|whatsapp tan|op whatsapp|par whatsapp|sur whatsapp|sur telegram
    auf telegram|auf whatsapp|en telegram|no telegram|su telegram|telegramdan|telegram kanal
    te sigo de vuelta|sígueme y|suscríbete a mi|suscríbanse|desde casa|seguidores baratos|mándame mensaje
    únete a mi|enlace de mi perfil|al privado|estoy en vivo|mi stream|mi canal|en tu ciudad|tu cuenta será
    haz clic|folge mir und|ich folge dir|abonniere meinen|abonniert meinen|meinem kanal|meinen kanal
    von zuhause|schreib mir privat|billige follower|link in meinem|ohne schufa|meinen discord
    dein konto wird|aus deiner stadt|klick hier|hier klicken|bin gerade live|abonne toi|abonnez vous
    m abonne|abonnement rendu|ma chaîne|depuis chez toi|en privé|abonnés pas cher|rejoins mon|mon live
    mon stream|lien de mon profil|contacte moi|cliquez ici|clique ici|votre compte a été|votre compte sera
    me segue que|sigo de volta|se inscreve no|se inscrevam|no meu canal|meu canal|link na bio|link no perfil
    me chama|no privado|renda extra|entra no meu|sua conta será|clique aqui|te esperando|подпишусь в ответ
    подпишись на|подписывайтесь на|взаимная подписка|в личку|пиши в лс|накрутка|ссылка в профиле
    заходи на мой|мой канал|на мой стрим|без вложений|договорные матчи|жми сюда|жми на ссылку|ваш аккаунт
    ti seguo|iscriviti al mio|iscrivetevi al|mio canale|da casa|in privato|clicca qui|il tuo account
    takip edeyim|kanalıma abone|kanalıma|evden günde|hesabınız|buraya tıkla|tıklayın|napisz na priv
    mój kanał|zasubskrybuj|z domu|twoje konto|kliknij tutaj|bez doświadczenia|follow balik|dari hp
    klik di sini|volg je terug|mijn kanaal|vanuit huis|klik hier|je account|घर बैठे|घर से काम|मेरे चैनल
    चैनल को सब्सक्राइब|اشترك في قناتي|قناتي|اضغط هنا|من المنزل
"""

UNSPACED = """
    加我微信 加微信 加qq 互粉 互关 刷粉 刷观众 领红包 日赚 日结 月入 私聊我 免费领 免费送 我的频道
    我的直播 点击链接 点这里 点击这里 账户已被 帐户已被 账号已被 立即验证 送礼物 兼职 赚钱 涨粉 裸聊
    代写 相互フォロー フォロー返 フォローしてくれ 副業 月収 日給 dmください line追加 チャンネル登録
    無料で配布 ビットコインを配布 無料で 無料登録 配布中 ここをクリック こちらをクリック 出会い 稼げ
    在宅ワーク アカウントが停止 互相关注 求互粉 回关 互訂 互赞 求关注 关注我 訂閱我 订阅我 我的視頻
    我的视频 我的直播间 来我直播 直播间 加v 加微 微信号 扫码 二维码 刷单 高薪 轻松赚 月赚 稳赚 投资理财
    贷款 博彩 赌场 约炮 小姐姐 成人视频 色情 免费观看 低价 代充 外挂 账号异常 账户异常 冻结 中奖 恭喜您
    相互登録 フォロバ 登録お願い 高評価お願い 配信中 配信来て 簡単に稼 誰でも稼 儲かる 投資 アダルト
    出会い系 無料動画 激安 当選 おめでとうございます 本人確認 アカウント停止 ログインして確認 友達追加
    公式line 맞구독 선팔 서로구독 구독부탁 좋아요와구독 방송보러 무료증정 당첨 돈버는 고수익 알바 대출
    카지노 토토 성인 만남 계정정지 본인인증 오픈채팅 맞팔 구독하면 카톡 벌기 구독해 채널구독 내채널
    제채널 무료로 여기를클릭 클릭하세요 계정이 부업 재택 수익
"""
"""Phrases of scripts without spaces between words, where they stand anywhere."""
