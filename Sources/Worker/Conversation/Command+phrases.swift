extension Command {
    /// Polite words around a command, and the ones that ask for nothing.
    static let courtesies: Set<String> = [
        "please", "pls", "plz", "thanks", "thank", "thankyou", "you", "thx", "ta", "cheers", "sorry", "kindly", "now",
        "there", "many", "very", "much", "so",
        "hi", "hello", "hey", "hiya", "hallo", "oh", "um", "uh", "erm", "hm", "hmm", "hmmm", "well", "good", "morning",
        "afternoon", "evening",
    ]

    /// Every phrase that is understood, as `words(of:)` writes it.
    static let phrases: [String: Command] = {
        var table: [String: Command] = [:]
        for (command, phrases) in synonyms {
            for phrase in phrases { table[phrase] = command }
        }
        return table
    }()

    static let synonyms: [(Command, [String])] = [
        (
            .yes,
            [
                "yes", "y", "yeah", "yea", "yep", "yup", "yess", "ya", "aye", "ok", "okay", "k", "sure", "of course",
                "fine", "agree", "agreed", "i agree", "accept", "accepted", "i accept", "yes i agree", "yes i accept",
                "accept terms", "i accept the terms", "i agree to the terms", "ok i agree", "yes ok", "ok yes",
                "yes yes", "go ahead", "absolutely", "definitely",
            ]
        ),
        (
            .no,
            [
                "no", "n", "nope", "nah", "na", "no way", "never", "not now", "no no", "decline", "declined",
                "i decline", "disagree", "i disagree", "i do not agree", "i dont agree", "i do not accept",
                "i dont accept", "no i dont", "no i do not", "reject", "refuse", "cancel",
            ]
        ),
        (
            .terms,
            [
                "terms", "term", "the terms", "t c", "t cs", "ts and cs", "tcs", "terms and conditions",
                "terms conditions", "conditions",
                "terms of service", "show terms", "show me the terms", "read terms", "read the terms", "see terms",
                "link", "the link", "terms link",
            ]
        ),
        (
            .resend,
            [
                "resend", "re send", "resend code", "resend the code", "resend it", "send again", "send it again",
                "send code again", "send the code again", "new code", "a new code", "send new code",
                "send a new code", "send me a new code", "another code", "send another code", "send code",
                "send the code", "send me the code", "no code", "i have no code", "i got no code", "didnt get it",
                "i didnt get it", "didnt get a code", "i didnt get a code", "i didnt get the code",
                "i did not get a code", "i did not get the code", "code not received", "not received",
                "nothing arrived", "nothing came", "try again",
            ]
        ),
        (
            .changeNumber,
            [
                "change number", "change my number", "change the number", "change phone", "change phone number",
                "change my phone number", "change mobile", "change mobile number", "wrong number",
                "its the wrong number", "different number", "another number", "new number", "use another number",
                "use a different number", "not my number", "thats not my number",
            ]
        ),
        (
            .help,
            [
                "help", "help me", "i need help", "need help", "h", "info", "information", "commands", "options",
                "what can i do", "what can you do", "what can i send", "what now", "how does this work",
                "what do i do", "what should i do", "how", "what", "i am stuck", "im stuck", "can you help",
                "can you help me",
            ]
        ),
        (
            .menu,
            [
                "menu", "the menu", "main menu", "show menu", "show me the menu", "show the menu", "open menu",
                "go to menu", "go to the menu", "back to menu", "back to the menu", "back to main menu", "home",
                "main",
            ]
        ),
        (
            .restart,
            [
                "restart", "re start", "start again", "start over", "begin again", "from the beginning", "reset",
                "start from the beginning", "lets start again",
            ]
        ),
        (
            .logout,
            [
                "logout", "log out", "log me out", "logoff", "log off", "sign out", "signout", "sign me out", "exit",
                "bye", "goodbye", "good bye", "bye bye", "end session", "end this session", "end chat", "see you",
            ]
        ),
        (
            .stop,
            [
                "stop", "stop all", "stopall", "stop it", "stop this", "unsubscribe", "unsubscribe me", "end", "quit",
                "revoke", "opt out", "optout", "opt me out", "stop messages", "stop messaging", "stop messaging me",
                "stop messaging us", "stop texting me", "stop sending me messages", "stop sending messages",
                "no more messages", "stop contacting me", "leave me alone", "stop stop",
            ]
        ),
        (
            .start,
            [
                "start", "unstop", "opt in", "optin", "opt me in", "subscribe", "resubscribe", "resume", "begin",
                "lets start", "get started",
            ]
        ),
        (
            .deleteMyData,
            [
                "delete my data", "delete all my data", "delete my details", "delete my account", "delete account",
                "delete me", "delete everything", "delete data", "delete my information", "delete my personal data",
                "erase my data", "erase me", "erase my account", "erase everything", "remove my data", "remove me",
                "remove my account", "close my account", "forget me", "forget my data", "right to be forgotten",
                "i want to be forgotten", "i want my data deleted", "i want you to delete my data",
            ]
        ),
        (
            .reallyDelete,
            [
                "yes delete", "yes delete it", "yes delete it all", "yes delete everything", "yes delete my data",
                "yes delete all my data", "yes delete me", "yes delete my account", "yes erase it",
                "yes erase everything", "yes erase my data",
            ]
        ),
        (
            .greeting,
            ["hello there", "hi there", "hey there", "thank you very much", "many thanks"]
        ),
    ]
}
