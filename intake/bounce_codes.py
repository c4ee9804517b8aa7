"""Enhanced status codes (RFC 3463, RFC 7372, RFC 7505) and the private codes of the large providers, as reasons."""

# An "x" stands for 4 and 5 alike.
CODES: dict[str, str] = {
    "x.1.0": "userunknown",
    "x.1.1": "userunknown",
    "x.1.2": "hostunknown",
    "x.1.3": "userunknown",
    "x.1.4": "userunknown",
    "x.1.6": "hasmoved",
    "x.1.7": "rejected",
    "x.1.8": "rejected",
    "x.1.9": "systemerror",
    "x.1.10": "notaccept",
    "x.2.0": "filtered",
    "x.2.1": "filtered",
    "4.2.1": "blocked",
    "x.2.2": "mailboxfull",
    "x.2.3": "exceedlimit",
    "x.2.4": "filtered",
    "x.3.0": "systemerror",
    "x.3.1": "systemfull",
    "x.3.2": "notaccept",
    "4.3.2": "systemerror",
    "x.3.3": "systemerror",
    "x.3.4": "mesgtoobig",
    "x.3.5": "systemerror",
    "x.4.0": "networkerror",
    "x.4.1": "expired",
    "x.4.2": "expired",
    "x.4.3": "systemerror",
    "x.4.4": "hostunknown",
    "4.4.4": "networkerror",
    "x.4.5": "expired",
    "x.4.6": "networkerror",
    "x.4.7": "expired",
    "x.5.1": "syntaxerror",
    "x.5.2": "syntaxerror",
    "x.5.3": "toomanyconn",
    "x.5.4": "syntaxerror",
    "x.6.0": "contenterror",
    "x.6.1": "contenterror",
    "x.6.2": "contenterror",
    "x.6.3": "contenterror",
    "x.6.5": "contenterror",
    "x.7.0": "securityerror",
    "x.7.1": "securityerror",
    "4.7.1": "blocked",
    "x.7.2": "filtered",
    "x.7.7": "blocked",
    "x.7.8": "securityerror",
    "x.7.9": "securityerror",
    "x.7.13": "suspend",
    "x.7.17": "hasmoved",
    "x.7.20": "authfailure",
    "x.7.21": "authfailure",
    "x.7.22": "authfailure",
    "x.7.23": "authfailure",
    "x.7.24": "authfailure",
    "x.7.25": "requireptr",
    "x.7.26": "authfailure",
    "x.7.27": "notaccept",
    "x.7.28": "badreputation",
    "x.7.29": "authfailure",
    "x.7.509": "authfailure",
    "x.7.515": "authfailure",
}

# Codes that settle the matter before any words are read.
CERTAIN = frozenset(
    (
        "x.1.6",
        "x.1.7",
        "x.1.8",
        "x.2.2",
        "x.2.3",
        "x.3.4",
        "x.7.20",
        "x.7.21",
        "x.7.22",
        "x.7.23",
        "x.7.24",
        "x.7.25",
        "x.7.26",
        "x.7.27",
        "x.7.509",
        "x.7.515",
    )
)

# Exit codes of a local mailer (sysexits.h) as Diagnostic-Code: x-unix; NN.
EXITS: dict[str, str] = {
    "x-unix 67": "userunknown",
    "x-unix 68": "hostunknown",
    "x-unix 69": "systemerror",
    "x-unix 70": "systemerror",
    "x-unix 71": "systemerror",
    "x-unix 72": "systemerror",
    "x-unix 73": "mailboxfull",
    "x-unix 74": "systemerror",
    "x-unix 75": "systemerror",
    "x-unix 76": "systemerror",
    "x-unix 77": "systemerror",
    "x-unix 78": "systemerror",
}

# Sentences and codes of single providers that would be misread by the general words; tried first.
PROVIDERS: dict[str, str] = {
    "recipsizelimit": "mesgtoobig",  # Exchange
    "pipe to |": "mailererror",  # Exim
    "procmail:": "mailererror",
    "due to spam classification": "spamdetected",  # Google Groups
    "addresses in from: header": "notcompliantrfc",  # Google
    "queue file write error": "systemerror",  # Postfix
    "to clarify.) (bl)": "blocked",
    "recipient address rejected: access denied": "userunknown",  # Microsoft 365, directory based edge blocking
    "as(201806281)": "userunknown",
    "google groups": "rejected",
    "groups.google.com": "rejected",
    "unroutable sender": "rejected",
    "unrouteable sender": "rejected",
    "sending to/from an address that has been blacklisted": "rejected",
    "[ts0": "blocked",  # Yahoo
    "[tss0": "badreputation",
    "aup#in-13": "toomanyconn",  # Charter, Spectrum
    "aup#in-16": "spamdetected",
    "aup#in-1": "blocked",
    "aup#out-1": "blocked",
    "aup#cnct": "toomanyconn",  # Cox, Charter
    "aup#cxsnder": "blocked",
    "aup#pol": "policyviolation",
    "ofr_104": "toomanyconn",  # Orange
    "ofr_109": "toomanyconn",
    "ofr_416": "userunknown",
    "ofr_417": "mailboxfull",
    "ofr_418": "suspend",
    "ofr_506": "spamdetected",
    "ofr_999": "blocked",
    "[cs01]": "blocked",  # Apple
    "[hm08]": "spamdetected",
    "no mx found for domain": "notaccept",  # OpenSMTPD
    "connection frequency limited": "toomanyconn",  # QQ
    "mailbox unavailable or access denied": "suspend",  # Tencent
    "domain frequency limited": "toomanyconn",
    "suspected bounce attacks": "blocked",
    "mail content denied": "spamdetected",
    "ip frequency limited": "toomanyconn",
    "mi:spf": "authfailure",  # NetEase
    "mi:bdf": "blocked",
    "dt:spm": "spamdetected",
    "hl:itc": "toomanyconn",
    "rp:trc": "blocked",
    "rp:spm": "spamdetected",
    "ib1": "blocked",  # GoDaddy
    "ib2": "blocked",
    "ib3": "spamdetected",
}
