import Common
import Glibc
import TestSupport
import Testing

/// A passenger's first conversation, typed into the chat page in a real browser, answered by the built service.
@Suite(.serialized, .enabled(if: Browser.isInstalled, "apt-get install chromium chromium-driver"))
struct BrowserSystemTests {
    @Test(.timeLimit(.minutes(3)))
    func aPassengerRegistersInTheChatPage() async throws {
        try await withProduct { product in
            var processes: [ServerProcess] = []
            for program in [Product.Program.simulator, .ingest, .worker, .relay] {
                processes.append(try await product.start(program))
            }
            try await withBrowser { browser in
                try await browser.open(product.url(.simulator, "/"))
                try await browser.see("Live", in: "connection")
                try await until("the phone is there") { try await browser.count("composer") == 1 }

                try await register(browser)
                try await browser.see("user.registered", in: "events")
                try await browser.see("user.verified", in: "events")
                try await until("every reply was read") {
                    try await product.postgres.psql(
                        "SELECT count(*) FROM whatsapp_handler.outbound_messages WHERE state = 'read' AND channel = 'whatsapp'",
                        database: product.database) == "3"
                }
                #expect(try await browser.complaints() == [])
                try await draw(browser, "registration")
            }
            #expect(try await product.events().map { $0["type"] } == ["user.registered", "user.verified"])
            for process in processes.reversed() { try await process.stop(SIGTERM) }
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func aClaimInOneSentenceAndOneWithATypingErrorAtEachStep() async throws {
        try await withProduct { product in
            var processes: [ServerProcess] = []
            for program in [Product.Program.simulator, .ingest, .worker, .relay] {
                processes.append(try await product.start(program))
            }
            try await withBrowser { browser in
                try await browser.open(product.url(.simulator, "/"))
                try await browser.see("Live", in: "connection")
                try await until("the phone is there") { try await browser.count("composer") == 1 }
                try await register(browser)

                try await say(
                    "the 14:30 from leeds to york yesterday was 40 minutes late, £12.50 standard advance, no photo",
                    "Leeds (LDS) to York (YRK)", browser)
                try await say("yes", "Your claim is stored under the reference", browser)
                try await browser.see("journey.created", in: "events")

                for (text, reply) in [
                    ("dlay", "did not understand"), ("DELAY", "Where did you travel from"),
                    ("harogate to leds", "Noted: from Harrogate (HGT), to Leeds (LDS)"), ("yesturdayy", "Noted: "),
                    ("9:155", "did not understand"), ("9:15am", "due to leave at 09:15"),
                    ("fourty mintues", "Noted: 40 minutes late"), ("£7..80", "Noted: £7.80"),
                    ("standrad", "Noted: standard class"), ("of-peak", "Noted: off-peak"),
                    ("skp", "did not understand"),
                    ("SKIP", "Harrogate (HGT) to Leeds (LDS)"), ("YES", "Your claim is stored under the reference"),
                ] { try await say(text, reply, browser) }
                #expect(try await browser.complaints() == [])
                try await draw(browser, "claim")
            }
            let claims = try await product.postgres.psql(
                """
                SELECT origin_crs || destination_crs || reported_delay_minutes || coalesce(ticket_fare_pence, 0)
                  FROM whatsapp_handler.claims ORDER BY created_at
                """, database: product.database)
            #expect(claims.split(separator: "\n") == ["LDSYRK401250", "HGTLDS40780"])
            for process in processes.reversed() { try await process.stop(SIGTERM) }
        }
    }

    /// Types a message and waits for the reply that comes after it.
    private func say(_ text: String, _ reply: String, _ browser: Browser) async throws {
        let before = try await replies(browser).count
        try await browser.type(text + "\u{E007}", into: "composer")
        try await until("\(text) is answered with \(reply)") {
            try await replies(browser).dropFirst(before).contains { $0.contains(reply) }
        }
    }

    private func replies(_ browser: Browser) async throws -> [String] {
        let source = """
            return [...document.querySelectorAll("[data-testid=chat] [data-direction=outbound]")]
              .map(bubble => bubble.innerText).join("\u{1F}")
            """
        return try await browser.script(source).string?.split(separator: "\u{1F}").map(String.init) ?? []
    }

    private func register(_ browser: Browser) async throws {
        try await browser.type("hi\u{E007}", into: "composer")
        try await browser.see("Reply YES to accept", in: "chat")
        try await browser.type("YES\u{E007}", into: "composer")
        try await browser.see("is your Delay Repay code", in: "sms")
        let text = try await browser.text("sms")
        let code = try #require(text.firstRange(of: /[0-9]{6}/).map { String(text[$0]) })
        try await browser.see("six-digit code by text message", in: "chat")
        try await browser.type("\(code)\u{E007}", into: "composer")
        try await browser.see("HELP", in: "chat")
    }

    /// Draws the README's pictures when `WRITE_SCREENSHOTS` is set to their folder.
    private func draw(_ browser: Browser, _ name: String) async throws {
        guard let folder = getenv("WRITE_SCREENSHOTS").map({ String(cString: $0) }) else { return }
        let png = try await browser.screenshot()
        guard let file = fopen(folder + "/\(name).png", "w") else { throw HarnessError("cannot write to \(folder)") }
        fwrite(png, 1, png.count, file)
        fclose(file)
    }
}
