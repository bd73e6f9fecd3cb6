import Common
import NIOHTTP1

/// What every page has around its own content.
struct PageFrame: Sendable {
    enum Section: String, Sendable, CaseIterable {
        case overview = "/"
        case dead = "/dead"
        case conversations = "/conversations"
        case outbox = "/outbox"

        var name: String {
            switch self {
            case .overview: "Overview"
            case .dead: "Dead letters"
            case .conversations: "Conversations"
            case .outbox: "Outbox"
            }
        }
    }

    var title: String
    /// Where it stands among the others; nil for a page without them: logging in.
    var section: Section?
    /// Who looks; nil before logging in.
    var session: Session?
    /// Told once, at the top: what the last action did.
    var notice: Notice?
    /// Whether there is something to log out of.
    var hasLogOut = false
    /// Whether the page keeps itself up to date.
    var isLive = false

    /// The whole page, around `content`.
    func html(_ content: HTML) -> HTML {
        #"""
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark"><title>\#(title) · whatsapp-handler</title>
        <link rel="icon" href="/icon.svg" type="image/svg+xml"><link rel="stylesheet" href="/console.css">
        <script src="/console.js" defer></script></head>
        <body><a class="skip" href="#main">Skip to the content</a>
        \#(header)<main id="main" tabindex="-1">\#(notice.map(\.html))\#(content)</main>
        </body></html>

        """#
    }

    private var header: HTML {
        let places: [HTML] = Section.allCases.map { each in
            let current: HTML = each == section ? #" aria-current="page""# : ""
            return
                #"<li><a href="\#(each.rawValue)"\#(current) data-testid="nav-\#(each.rawValue.dropFirst())">\#(each.name)</a></li>"#
        }
        let nav: HTML = session == nil ? "" : #"<nav aria-label="Pages"><ul>\#(places)</ul></nav>"#
        let live: HTML =
            isLive
            ? #"<p class="live" id="live" data-testid="live" data-state="still"><span class="dot"></span><span id="live-words">As of</span> \#(HTML.clock(.now))</p>"#
            : ""
        let logOut: HTML? =
            hasLogOut
            ? session.map { session in
                #"<form method="post" action="/logout">\#(session.field)<button class="quiet" data-testid="log-out">Log out</button></form>"#
            } : nil
        return #"""
            <header><div class="bar"><a class="brand" href="/"><img src="/icon.svg" alt="" width="24" height="24"><span>Operator</span></a>
            \#(nav)<div class="end">\#(live)\#(logOut)</div></div></header>

            """#
    }
}

extension HTML {
    /// The time of day, UTC.
    static func clock(_ moment: Timestamp) -> HTML {
        #"<time id="clock" datetime="\#(moment.rfc3339)">\#(moment.rfc3339.dropFirst(11).prefix(8))</time>"#
    }
}

/// What an action did, in a sentence.
struct Notice: Sendable, Hashable {
    enum Kind: String, Sendable { case done, warning, failed }

    var kind: Kind
    var text: String

    var html: HTML {
        let role: HTML = kind == .failed ? "alert" : "status"
        return
            #"<p class="notice \#(kind.rawValue)" role="\#(role)" data-testid="notice" tabindex="-1">\#(text)</p>"#
    }
}
