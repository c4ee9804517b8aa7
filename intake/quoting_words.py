"""The words by which history in a mail is known, in the languages of the mail clients that write them.

Everything is lower case; labels stand without spaces, because Chinese clients pad them ("主 题")."""

SENDER, DATE, RECIPIENT, COPY, SUBJECT = "sender", "date", "recipient", "copy", "subject"

# Labels of the header block that Outlook, Foxmail, QQ, Apple Mail, Lotus Notes and others put above history.
_LABELS = {
    SENDER: (
        "from von de da van från fra od ot lähettäjä feladó gönderen kimden từ dari pengirim saatja"
        " от от: від от кого отправитель από מאת จาก remitente expéditeur mittente absender afzender avsender"
        " avsändare remetente nadawca odesílatel odesilatel odosielateľ şidenfra nuo no expeditor"
        " 发件人 發件人 寄件者 寄件人 差出人 送信者 보낸사람 보낸이 발신 발신인 من sender fromby"
    ),
    DATE: (
        "sent date datum gesendet sentat datesent envoyé date: enviado enviadoel enviadoem enviadaem enviada"
        " fecha data inviato verzonden verzondenop skickat sendt dato lähetetty päivämäärä päiväys wysłano"
        " wysłane data: odesláno odeslané odoslané dátum elküldve küldve tarih gönderildi"
        " gönderilme gönderimtarihi дата отправлено відправлено отправленное датаотправки дататавремя"
        " надіслано ημερομηνία"
        " ημ/νία στάλθηκε נשלח תאריך ส่ง ส่งเมื่อ วันที่ ngày đãgửi tanggal dikirim trimis poslano poslané"
        " envoyéle messagedu datedenvoi dated’envoi dated'envoi fechadeenvío"
        " 发送时间 發送時間 寄件日期 发送日期 日期 時間 时间 傳送時間 送信日時 日時 日付 送信 보낸날짜 보낸시간 날짜 일시"
        " تاريخ التاريخ أرسل تمالإرسال"
    ),
    RECIPIENT: (
        "to an à a para pour per aan till til komu do vastaanottaja címzett kime alıcı alici dla"
        " кому получатель до προς אל ถึง tới đến kepada destinatario destinataire destinatário"
        " empfänger ontvanger mottagare modtager adresat príjemce příjemce către kam"
        " 收件人 收件者 宛先 受信者 받는사람 받는이 수신 수신인 إلى"
    ),
    COPY: (
        "cc cc: bcc kopie kopia kopi kopio másolat bilgi копия копія κοιν κοινοποίηση עותק สำเนา dw"
        " copieà 抄送 抄送人 副本 抄送(cc) 참조 숨은참조 نسخة ccn cco ocultas copie kópia"
        " reply-to replyto importance priority wichtigkeit priorität importancia importance: prioridade"
        " attachments anhänge anlagen 附件 重要性 answerto antwortan responder-a 답장 返信先"
    ),
    SUBJECT: (
        "subject betreff objet asunto oggetto assunto onderwerp ämne emne aihe temat předmět predmet tárgy"
        " konu тема θέμα נושא เรื่อง chủđề tiêuđề subjek perihal subiect assumpte teema tēma"
        " 主题 主題 主旨 件名 标题 標題 제목 الموضوع re sujet"
    ),
}
LABELS = {label: kind for kind, labels in _LABELS.items() for label in labels.split()}

# Between dashes, alone on a line: what follows is the mail that is answered.
ORIGINALS = frozenset(
    (
        *("original message", "original email", "original e-mail", "original mail", "originalmessage"),
        *("reply message", "original appointment", "replied message", "reply above this line"),
        *("ursprüngliche nachricht", "ursprungliche nachricht", "original-nachricht", "originalnachricht"),
        *("ursprüngliche e-mail", "original nachricht", "original-mail", "ursprünglicher termin"),
        *("message d'origine", "message d’origine", "message original", "message initial", "courriel original"),
        *("mensaje original", "correo original", "mensagem original", "messaggio originale", "messaggio originario"),
        *("oorspronkelijk bericht", "origineel bericht", "oorspronkelijke bericht", "oorspronkelijk e-mailbericht"),
        *("ursprungligt meddelande", "originalmeddelande", "oprindelig meddelelse", "original meddelelse"),
        *("opprinnelig melding", "opprinnelig e-post", "original melding", "alkuperäinen viesti"),
        *("oprindelig besked", "oprindelig e-mail", "oprindelig mail", "ursprungligt mail", "original meddelande"),
        *("alkuperäinen sähköposti", "wiadomość oryginalna", "oryginalna wiadomość", "původní zpráva"),
        *("původní e-mail", "pôvodná správa", "eredeti üzenet", "özgün ileti", "orijinal mesaj", "orjinal mesaj"),
        *("исходное сообщение", "оригинальное сообщение", "первоначальное сообщение", "оригінальне повідомлення"),
        *("пересылаемое сообщение", "вихідне повідомлення", "αρχικό μήνυμα", "mesaj original", "mesajul original"),
        *("izvorna poruka", "originalna poruka", "izvirno sporočilo", "missatge original", "thư gốc", "tin nhắn gốc"),
        *("pesan asli", "הודעה מקורית", "הודעה מקורית:", "الرسالة الأصلية", "رسالة أصلية", "ข้อความต้นฉบับ"),
        *("原始邮件", "原始郵件", "原邮件", "原郵件", "邮件原件", "原始信件", "原始邮件信息", "回复的原邮件"),
        *("回复的邮件", "回覆的郵件", "回复邮件", "原文", "来信", "原始讯息", "原始訊息"),
        *("元のメッセージ", "オリジナルメッセージ", "元のメール", "원본 메시지", "원본 메일", "원본메시지", "원본메일"),
        *("previous replies", "previous message", "in reply to", "quoted text", "urspr. nachricht"),
    )
)

# The same for a mail that is passed on.
FORWARDS = frozenset(
    (
        *("forwarded message", "forwarded messages", "begin forwarded message", "forwarded mail", "forwarded by"),
        *("start of forwarded message", "forwarded email", "forwarded e-mail", "forwarded letter", "fwd"),
        *("weitergeleitete nachricht", "weitergeleitete mail", "weitergeleitete e-mail", "weitergeleitet von"),
        *("anfang der weitergeleiteten nachricht", "anfang der weitergeleiteten e-mail"),
        *("message transféré", "message transmis", "début du message transféré", "début du message réexpédié"),
        *("mensaje reenviado", "inicio del mensaje reenviado", "mensagem encaminhada", "mensagem reencaminhada"),
        *("início da mensagem encaminhada", "início da mensagem reencaminhada", "messaggio inoltrato"),
        *("inizio messaggio inoltrato", "doorgestuurd bericht", "begin doorgestuurd bericht"),
        *("vidarebefordrat meddelande", "vidarebefordrat brev", "börja vidarebefordrat meddelande"),
        *("videresendt meddelelse", "videresendt melding", "videresendt besked", "start på videresendt besked"),
        *("videresendt e-mail", "begynn å videresende melding", "start på videresendt melding"),
        *("välitetty viesti", "edelleenlähetetty viesti", "välitetty viesti alkaa"),
        *("przekazana wiadomość", "początek przekazywanej wiadomości", "wiadomość przekazana dalej"),
        *("wiadomość przekazana", "přeposlaná zpráva", "začátek přeposílané zprávy", "preposlaná správa"),
        *("továbbított üzenet", "iletilen mesaj", "iletilmiş mesaj", "iletilen ileti", "yönlendirilen ileti"),
        *("пересланное сообщение", "пересылаемое сообщение", "переслане повідомлення", "начало переадресованного сообщения"),
        *("переадресоване повідомлення", "προωθημένο μήνυμα", "mesaj redirecționat", "proslijeđena poruka"),
        *("posredovano sporočilo", "missatge reenviat", "thư được chuyển tiếp", "pesan terusan", "הודעה שהועברה"),
        *("الرسالة المُعاد توجيهها", "رسالة معاد توجيهها", "ข้อความที่ส่งต่อ"),
        *("转发邮件", "轉寄郵件", "转发的邮件", "轉寄的郵件", "转发邮件信息", "转发邮件开始", "转发", "轉寄", "轉發", "开始转发的邮件"),
        *("下面是转发的邮件", "轉寄的訊息", "转发的消息", "開始轉寄郵件", "轉寄訊息"),
        *("転送メッセージ", "転送されたメッセージ", "転送メール", "전달된 메시지", "전달된 메일", "전달된 편지"),
    )
)

# What stands in a line that asks to be answered above it; the helpdesk that wrote it quotes below.
ABOVE = (
    "type your reply above this line",
    "reply above this line",
    "write your reply above",
    "reply above the line",
    "reply above this text",
    "enter your reply above",
    "please reply above",
    "respond above this line",
    "only the text above this line",
    "antworten sie über dieser zeile",
    "antwort oberhalb dieser zeile",
    "bitte oberhalb dieser zeile antworten",
    "antworten sie oberhalb dieser zeile",
    "bitte geben sie ihre antwort über dieser zeile",
    "répondez au-dessus de cette ligne",
    "répondre au-dessus de cette ligne",
    "écrivez votre réponse au-dessus",
    "responda por encima de esta línea",
    "escriba su respuesta por encima de esta línea",
    "responda acima desta linha",
    "rispondi sopra questa riga",
    "antwoord boven deze lijn",
    "typ uw antwoord boven deze regel",
    "odpowiedz powyżej tej linii",
    "svara ovanför denna rad",
    "svar over denne linje",
    "请在此线上方回复",
    "请在这条线以上回复",
    "请在此行上方回复",
    "請在此行上方回覆",
    "この行より上に返信",
    "пишите ответ выше этой строки",
    "введите ответ выше этой строки",
)

# "… wrote": whole words in lines that introduce what is quoted.
WROTE = (
    *("wrote", "writes", "written by", "has written", "schrieb", "hat geschrieben", "schrieb am", "schreibt"),
    *("a écrit", "a ecrit", "écrivait", "écrit", "escribió", "escribio", "ha escrito", "ha scritto", "scrive"),
    *("scriveva", "escreveu", "escreveu:", "schreef", "heeft geschreven", "het volgende geschreven"),
    *("skrev", "skrev:", "har skrivit", "skreiv", "kirjoitti", "kirjutas", "napisał", "napisał(a)", "napisała"),
    *("napisał/a", "pisze", "napsal", "napsal(a)", "napsala", "píše", "napísal", "napísal(a)", "napísala"),
    *("написал", "написал(а)", "написала", "писал", "писал(а)", "пишет", "написав", "написав(ла)", "пише", "написа"),
    *("yazdı", "şunu yazdı", "şunları yazdı", "yazmış", "írta", "a scris", "a scris următoarele", "έγραψε"),
    *("je napisao", "je napisao/la", "je napisala", "је написао", "je napisal", "je napisal/a", "rašė", "parašė"),
    *("rakstīja", "va escriure", "ha escrit", "idatzi du", "đã viết", "menulis", "escribiu", "pisao", "pisal"),
    *("כתב", "כתב/ה", "כתבה", "‫כתב", "كتب", "كتبت", "נכתב", "на писа", "ha scritto:", "skrifaði"),
)

# The same in scripts that set no spaces between words.
WROTE_JOINED = (
    *("写道", "寫道", "写到", "写了", "寫了", "撰寫", "说道", "来信", "のメール", "が書きました", "は書きました"),
    *("のメッセージ", "さんのコメント", "wrote:", "님이 작성", "작성:", "님이 쓰시길", "님이 썼습니다", "เขียน", "がメールを書きました"),
    *("からのメール", "書き込み", "さんからの", "写了：", "写道:", "の書込み"),
)

# How a line begins that introduces what is quoted (before its date).
LEADS = frozenset(
    "on at am le el il op em den dnia w dne dňa в на on: la lø ma ti on, in de date kl ngày vào pada tanggal ons ke"
    " mon tue wed thu fri sat sun monday tuesday wednesday thursday friday saturday sunday"
    " mo di mi do fr sa so montag dienstag mittwoch donnerstag freitag samstag sonntag lun mar mer jeu ven sam dim"
    " pon wt śr czw pt sob nie út st čt pá so ne пн вт ср чт пт сб вс måndag fre tors tis mån lør søn man tir tor"
    " su ma ke pe a'l dia em: no o du den: τις στις 在 于 於 el: datum: w:".split()
)
