"""Separators and header blocks that mail clients put above the mail they answer, written by ourselves."""

SEPARATORS = {
    "Outlook English": """
-----Original Message-----
From: Ana Field <ana@example.org>
Sent: Tuesday, March 4, 2025 9:15 AM
To: Mei Long <mei@example.org>
Subject: RE: Pump 4""",
    "Outlook without dashes": """
________________________________
From: Ana Field <ana@example.org>
Sent: Tuesday, March 4, 2025 9:15 AM
To: Mei Long
Cc: Bo Kjær; Otto Weiss
Subject: RE: Pump 4""",
    "Outlook bold": """
*From:* Ana Field [mailto:ana@example.org]
*Sent:* Tuesday, March 4, 2025 9:15 AM
*To:* Mei Long
*Subject:* RE: Pump 4""",
    "Outlook for Mac": """
From: Ana Field <ana@example.org>
Date: Tuesday, 4 March 2025 at 09:15
To: Mei Long <mei@example.org>
Subject: Re: Pump 4""",
    "Hotmail": """
Date: Tue, 4 Mar 2025 09:15:00 +0100
From: ana@example.org
To: mei@example.org
Subject: Re: Pump 4""",
    "Hotmail subject first": """
Subject: Re: Pump 4
From: ana@example.org
Date: Tue, 4 Mar 2025 09:15:00 +0100
To: mei@example.org""",
    "Outlook German": """
Von: Ana Field <ana@example.org>
Gesendet: Dienstag, 4. März 2025 09:15
An: Mei Long <mei@example.org>
Betreff: AW: Pumpe 4""",
    "Outlook German dashes": """
-----Ursprüngliche Nachricht-----
Von: Ana Field""",
    "GMX German": """
Gesendet: Dienstag, 04. März 2025 um 09:15 Uhr
Von: "Ana Field" <ana@example.org>
An: mei@example.org
Betreff: Re: Pumpe 4""",
    "Outlook French": """
De : Ana Field <ana@example.org>
Envoyé : mardi 4 mars 2025 09:15
À : Mei Long <mei@example.org>
Objet : RE: Pompe 4""",
    "Orange French": """
> Message du 04/03/25 09:15
> De : "Ana Field" <ana@example.org>
> A : mei@example.org
> Objet : Pompe 4""",
    "Outlook French dashes": """
-----Message d'origine-----
De : Ana Field [mailto:ana@example.org]
Envoyé : mardi 4 mars 2025 09:15""",
    "Outlook Spanish": """
De: Ana Field <ana@example.org>
Enviado: martes, 4 de marzo de 2025 9:15
Para: Mei Long <mei@example.org>
Asunto: RE: Bomba 4""",
    "Outlook Spanish new": """
De: Ana Field <ana@example.org>
Enviado el: martes, 4 de marzo de 2025 9:15
Para: Mei Long <mei@example.org>
Asunto: RE: Bomba 4""",
    "Outlook Portuguese": """
De: Ana Field <ana@example.org>
Enviada em: terça-feira, 4 de março de 2025 09:15
Para: Mei Long <mei@example.org>
Assunto: RES: Bomba 4""",
    "Outlook Italian": """
Da: Ana Field <ana@example.org>
Inviato: martedì 4 marzo 2025 09:15
A: Mei Long <mei@example.org>
Oggetto: R: Pompa 4""",
    "Outlook Italian dashes": """
-----Messaggio originale-----
Da: Ana Field""",
    "Outlook Dutch": """
Van: Ana Field <ana@example.org>
Verzonden: dinsdag 4 maart 2025 09:15
Aan: Mei Long <mei@example.org>
Onderwerp: RE: Pomp 4""",
    "Outlook Swedish": """
Från: Ana Field <ana@example.org>
Skickat: den 4 mars 2025 09:15
Till: Mei Long <mei@example.org>
Ämne: SV: Pump 4""",
    "Outlook Danish": """
Fra: Ana Field <ana@example.org>
Sendt: 4. marts 2025 09:15
Til: Mei Long <mei@example.org>
Emne: SV: Pumpe 4""",
    "Outlook Norwegian dashes": """
-----Opprinnelig melding-----
Fra: Ana Field""",
    "Outlook Finnish": """
Lähettäjä: Ana Field <ana@example.org>
Lähetetty: tiistai 4. maaliskuuta 2025 9.15
Vastaanottaja: Mei Long <mei@example.org>
Aihe: VS: Pumppu 4""",
    "Outlook Polish": """
Od: Ana Field <ana@example.org>
Wysłano: wtorek, 4 marca 2025 09:15
Do: Mei Long <mei@example.org>
Temat: ODP: Pompa 4""",
    "Outlook Czech": """
Od: Ana Field <ana@example.org>
Odesláno: úterý 4. března 2025 9:15
Komu: Mei Long <mei@example.org>
Předmět: RE: Čerpadlo 4""",
    "Seznam Czech": """
---------- Původní e-mail ----------
Od: Ana Field <ana@example.org>
Komu: mei@example.org
Datum: 4. 3. 2025 9:15:00
Předmět: Re: Čerpadlo 4""",
    "Outlook Russian": """
От: Ana Field <ana@example.org>
Отправлено: 4 марта 2025 г. 9:15
Кому: Mei Long <mei@example.org>
Тема: RE: Насос 4""",
    "mail.ru": """
-------- Исходное сообщение --------
От: Ana Field""",
    "Outlook Turkish": """
Kimden: Ana Field <ana@example.org>
Gönderildi: 4 Mart 2025 Salı 09:15
Kime: Mei Long <mei@example.org>
Konu: YNT: Pompa 4""",
    "Outlook Hungarian": """
Feladó: Ana Field <ana@example.org>
Elküldve: 2025. március 4., kedd 9:15
Címzett: Mei Long <mei@example.org>
Tárgy: RE: Szivattyú 4""",
    "QQ": """
------------------ 原始邮件 ------------------
发件人: "Ana Field" <ana@example.org>;
发送时间: 2025年3月4日(星期二) 上午9:15
收件人: "Mei"<mei@example.org>;
主题: 水泵4""",
    "QQ nested dashes": """
------------------&nbsp;原始邮件&nbsp;------------------
发件人: "Ana Field" """,
    "Foxmail": """
发件人： Ana Field
发送时间： 2025-03-04 09:15
收件人： mei@example.org
主题： 回复: 水泵4""",
    "Outlook Chinese": """
发件人: Ana Field <ana@example.org>
发送时间: 2025年3月4日 9:15
收件人: Mei Long <mei@example.org>
主题: 答复: 水泵4""",
    "Outlook Chinese padded": """
-----邮件原件-----
发件人: Ana Field [mailto:ana@example.org]
发送时间: 2025年3月4日 9:15
收件人: Mei Long
主 题: 水泵4""",
    "NetEase master": """
---- 回复的原邮件 ----
| 发件人 | Ana Field<ana@example.org> |
| 日期 | 2025年03月04日 09:15 |
| 收件人 | mei@example.org |
| 主题 | 水泵4 |""",
    "NetEase English": """
---- Replied Message ----
| From | Ana Field<ana@example.org> |
| Date | 03/04/2025 09:15 |
| To | mei@example.org |
| Subject | Pump 4 |""",
    "Outlook Traditional Chinese": """
寄件者: Ana Field <ana@example.org>
寄件日期: 2025年3月4日 上午 09:15
收件者: Mei Long <mei@example.org>
主旨: RE: 水泵4""",
    "DingTalk": """
------------------------------------------------------------------
发件人：Ana Field <ana@example.org>
发送时间：2025年3月4日(星期二) 09:15
收件人：mei <mei@example.org>
主　题：水泵4""",
    "Outlook Japanese": """
差出人: Ana Field <ana@example.org>
送信日時: 2025年3月4日 9:15
宛先: Mei Long <mei@example.org>
件名: RE: ポンプ4""",
    "Outlook Japanese dashes": """
-----元のメッセージ-----
差出人: Ana Field""",
    "Outlook Korean": """
보낸 사람: Ana Field <ana@example.org>
보낸 날짜: 2025년 3월 4일 화요일 오전 9:15
받는 사람: Mei Long <mei@example.org>
제목: RE: 펌프 4""",
    "Naver": """
-----Original Message-----
From: "Ana Field"<ana@example.org>
To: <mei@example.org>;
Cc:
Sent: 2025-03-04 (화) 09:15:00 (GMT+09:00)
Subject: 펌프 4""",
    "Lotus Notes": """
From:\tAna Field/Service/Example
To:\tMei Long/Plant/Example@Example
Date:\t04.03.2025 09:15
Subject:\tPump 4""",
    "Samsung": """
-------- Original message --------
From: Ana Field <ana@example.org>
Date: 04/03/2025 09:15 (GMT+01:00)
To: mei@example.org
Subject: Re: Pump 4""",
    "Apple forward": """
Begin forwarded message:

From: Ana Field <ana@example.org>
Subject: Pump 4
Date: 4 March 2025 at 09:15:00 CET
To: mei@example.org
""",
    "Gmail forward": """
---------- Forwarded message ---------
From: Ana Field <ana@example.org>
Date: Tue, Mar 4, 2025 at 9:15 AM
Subject: Pump 4
To: <mei@example.org>
""",
    "QQ forward": """
------------------ 转发邮件 ------------------
发件人: "Ana Field" """,
    "helpdesk": """
##- Please type your reply above this line -##
Your ticket T-12 was updated.""",
    "helpdesk German": """
--- Bitte oberhalb dieser Zeile antworten ---
Ihr Ticket T-12.""",
    "one line": """
From: Ana Field <ana@example.org>  Sent: Tuesday, March 4, 2025 9:15 AM  To: Mei Long  Subject: Pump""",
    "Romanian": """
De la: Ana Field
Trimis: marți, 4 martie 2025 09:15
Către: Mei Long
Subiect: Pompa""",
    "Turkish with a dotted capital": "\n-----Özgün İleti-----",
    "Proton": "\n\u2010\u2010\u2010\u2010 Original Message \u2010\u2010\u2010\u2010",
    "helpdesk that wants nothing below": "\n####### Please do not write below this line #######",
    "helpdesk German in hashes": "\n###-### Bitte antworten Sie oberhalb dieser Linie ###-###",
    "helpdesk French": "\n##- Veuillez rédiger votre réponse au-dessus de cette ligne -##",
    "passed on Korean": "\n전달된 메시지 시작:",
    "passed on Chinese": "\n开始转发邮件：",
}
