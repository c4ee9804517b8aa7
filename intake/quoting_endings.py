"""The words of what stands under a letter: devices, closing formulas and disclaimers, by language, lower case."""

# A line that a telephone or a mail program adds about itself begins so …
DEVICES = (
    *("sent from", "sent via ", "sent with ", "sent using ", "sent by my ", "sent on the go", "get outlook for"),
    *("sent with", "sent securely from", "sent autocorrected from", "composed on", "posted from", "typed on my"),
    *("download outlook for", "von meinem", "von meiner", "gesendet von", "gesendet mit", "gesendet über"),
    *("diese nachricht wurde von meinem", "diese e-mail wurde von meinem", "holen sie sich outlook"),
    *("outlook für ios", "outlook für android", "laden sie outlook", "unterwegs gesendet"),
    *("envoyé de mon", "envoyé de ma", "envoyé depuis", "envoyé à partir", "envoyé avec", "envoyé via"),
    *("obtenez outlook", "obtenir outlook", "télécharger outlook", "provenance : courrier", "provenance: courrier"),
    *("enviado desde", "enviado con", "enviado via", "enviado do", "enviado da", "enviado de", "enviado a partir"),
    *("enviado pelo", "obtener outlook", "obter o outlook", "obtenha o outlook", "inviato da", "inviato con"),
    *("scarica outlook", "ottieni outlook", "verstuurd vanaf", "verstuurd van", "verzonden vanaf", "verzonden van"),
    *("verzonden met", "verstuurd met", "outlook voor ios", "outlook voor android", "download outlook voor"),
    *("skickat från", "skickades från", "skickat med", "hämta outlook", "sendt fra", "sendt med", "hent outlook"),
    *("få outlook", "lähetetty", "hanki outlook", "wysłane z", "wysłano z", "wysłane przy użyciu", "pobierz outlook"),
    *("odesláno z", "odoslané z", "získat outlook", "az iphone-omról", "elküldve", "trimis de pe", "trimis din"),
    *("отправлено с", "отправлено из", "отправлено через", "получить outlook", "надіслано з", "отримати outlook"),
    *("outlook uygulamasını", "στάλθηκε από", "נשלח מ", "đã gửi từ", "dikirim dari", "ส่งจาก", "أرسلت من", "أُرسلت من"),
    *("发自", "發自", "从我的", "從我的", "来自我的", "來自我的", "发送自", "傳送自", "從 windows", "从 windows"),
    *("获取 outlook", "获取outlook", "取得 outlook", "下载 outlook", "由我的", "通过我的", "寄自", "发自我的", "用手机"),
    *("outlook for ios", "outlook for android", "windows 版邮件", "outlook for mac"),
)
# … or ends so.
DEVICE_ENDS = (
    *("gesendet", "gesendet.", "から送信", "から送信。", "から送信されました", "から送信しました", "を入手", "をダウンロード"),
    *("에서 보냄", "에서 보냈습니다", "에서 전송", "에서 전송됨", "다운로드", "gönderildi", "gönderildi.", "edinin"),
    *("küldve", "küldtem", "发送", "傳送", "发送的", "發送", "获取", "geschickt"),
)
DEVICE_NAMES = (
    *("iphone", "ipad", "android", "samsung", "galaxy", "handy", "smartphone", "mobil", "blackberry", "windows", "mail"),
    *("outlook", "huawei", "xiaomi", "手机", "手機", "网易", "qq", "邮箱", "foxmail", "スマ", "갤럭시", "휴대", "oppo"),
    *("vivo", "oneplus", "pixel", "motorola", "nokia", "yahoo", "gmail", "telefon", "thunderbird", "tablet", "honor"),
    *("mobile", "phone", "aol", "proton", "邮件", "郵件", "メール", "메일", "smail", "iphon", "xperia", "lenovo", "htc"),
    *("blackberry", "palm", "treo", "pda", "web", "gmx", "iCloud".lower(), "zoho", "spark", "superhuman", "airmail"),
    *("téléphone", "telefono", "teléfono", "celular", "móvil", "telemóvel", "cellulare", "телефон", "смартфон"),
)

# Closing formulas that end a letter; alone on their line, punctuation apart.
CLOSINGS = frozenset(
    (
        *("regards", "best regards", "kind regards", "kindest regards", "warm regards", "warmest regards"),
        *("with kind regards", "with best regards", "many regards", "best wishes", "all the best", "rgds", "br"),
        *("sincerely", "yours sincerely", "sincerely yours", "yours faithfully", "yours truly", "respectfully"),
        *("with regards", "kr", "brgds", "b/r", "best", "bien à vous", "mit freundlichen grüßen"),
        *("mit freundlichen grüssen", "mit freundlichem gruß", "mit freundlichem gruss", "freundliche grüße"),
        *("freundliche grüsse", "mit besten grüßen", "beste grüße", "beste grüsse", "viele grüße", "liebe grüße"),
        *("herzliche grüße", "schöne grüße", "mfg", "vg", "lg", "hochachtungsvoll", "gruß", "grüße", "viele grüsse"),
        *("cordialement", "bien cordialement", "très cordialement", "sincères salutations", "salutations"),
        *("meilleures salutations", "amicalement", "respectueusement", "cdlt", "cordialmente", "saludos"),
        *("un saludo", "saludos cordiales", "un cordial saludo", "atentamente", "atte", "atenciosamente", "att"),
        *("cumprimentos", "com os melhores cumprimentos", "melhores cumprimentos", "cordiali saluti"),
        *("distinti saluti", "saluti", "un saluto", "met vriendelijke groet", "met vriendelijke groeten"),
        *("vriendelijke groet", "vriendelijke groeten", "mvg", "groeten", "groet", "hartelijke groeten"),
        *("med vänlig hälsning", "med vänliga hälsningar", "vänliga hälsningar", "vänlig hälsning", "mvh"),
        *("hälsningar", "bästa hälsningar", "med venlig hilsen", "venlig hilsen", "de bedste hilsner", "hilsen"),
        *("med vennlig hilsen", "vennlig hilsen", "beste hilsen", "bedste hilsner", "kærlig hilsen", "vh"),
        *("ystävällisin terveisin", "terveisin", "parhain terveisin", "yst. terv", "z poważaniem"),
        *("z powazaniem", "pozdrawiam", "pozdrawiam serdecznie", "serdecznie pozdrawiam", "z wyrazami szacunku"),
        *("s pozdravem", "s úctou", "hezký den", "s pozdravom", "üdvözlettel", "tisztelettel", "saygılarımla"),
        *("iyi çalışmalar", "saygılarımızla", "с уважением", "с наилучшими пожеланиями", "з повагою"),
        *("με εκτίμηση", "cu stimă", "lp", "s poštovanjem", "lijep pozdrav", "trân trọng", "hormat kami", "salam"),
        *("此致", "此致敬礼", "此致 敬礼", "顺祝商祺", "祝好", "祝商祺", "谨启", "敬上", "順頌商祺", "顺颂商祺"),
        *("以上、よろしくお願いいたします", "敬具", "감사합니다 드림", "드림", "שלום רב", "בברכה", "مع التحية", "تحياتي"),
    )
)

# How the paragraphs begin in which a firm warns whoever reads by mistake.
DISCLAIMERS = (
    *("this e-mail and any", "this email and any", "this message and any", "this e-mail is confidential"),
    *("this email is confidential", "this message is confidential", "the information contained in this"),
    *("the information in this e", "the contents of this e", "this e-mail (including", "this email (including"),
    *("confidentiality notice", "confidential:", "disclaimer:", "important notice:", "confidentiality note"),
    *("this e-mail message", "this electronic mail", "this communication", "this email has been scanned"),
    *("please consider the environment", "think before you print", "before printing", "virus-free"),
    *("this email has been checked for viruses", "this e-mail may contain", "this email may contain"),
    *("this message contains confidential", "this message may contain", "this transmission is intended"),
    *("diese e-mail enthält", "diese email enthält", "diese nachricht enthält", "der inhalt dieser e-mail"),
    *("vertraulichkeitshinweis", "haftungsausschluss", "bitte denken sie an die umwelt", "diese e-mail ist vertraulich"),
    *("ce message et", "ce courriel et", "ce message électronique", "les informations contenues dans ce"),
    *("avis de confidentialité", "pensez à l'environnement", "este mensaje y", "este correo electrónico y"),
    *("aviso de confidencialidad", "aviso legal", "la información contenida en este", "esta mensagem"),
    *("este e-mail e", "aviso de confidencialidade", "questo messaggio", "questa e-mail", "le informazioni contenute"),
    *("de informatie in dit", "dit bericht is", "deze e-mail is", "dit e-mailbericht", "denna e-post"),
    *("denne e-mail", "denne e-posten", "tämä sähköposti", "niniejsza wiadomość", "ta wiadomość", "tento e-mail"),
    *("данное сообщение", "это сообщение", "настоящее сообщение", "bu e-posta", "本邮件及其附件", "本邮件", "此邮件"),
    *("本郵件", "免责声明", "保密声明", "本信件", "このメールには", "本メールは", "この電子メール", "이 메일은", "본 메일"),
)
