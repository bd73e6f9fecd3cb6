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

                try await browser.type("hi\u{E007}", into: "composer")
                try await browser.see("Reply YES to accept", in: "chat")
                try await browser.type("YES\u{E007}", into: "composer")
                try await browser.see("is your Delay Repay code", in: "sms")
                let text = try await browser.text("sms")
                let code = try #require(text.firstRange(of: /[0-9]{6}/).map { String(text[$0]) })
                try await browser.see("six-digit code by text message", in: "chat")
                try await browser.type("\(code)\u{E007}", into: "composer")
                try await browser.see("HELP", in: "chat")
                try await browser.see("user.registered", in: "events")
                try await browser.see("user.verified", in: "events")
                try await until("every reply was read") {
                    try await product.postgres.psql(
                        "SELECT count(*) FROM whatsapp_handler.outbound_messages WHERE state = 'read' AND channel = 'whatsapp'",
                        database: product.database) == "3"
                }
                #expect(try await browser.complaints() == [])
                try await draw(browser)
            }
            #expect(try await product.events().map { $0["type"] } == ["user.registered", "user.verified"])
            for process in processes.reversed() { try await process.stop(SIGTERM) }
        }
    }

    /// Draws the README's picture when `WRITE_SCREENSHOTS` is set to its folder.
    private func draw(_ browser: Browser) async throws {
        guard let folder = getenv("WRITE_SCREENSHOTS").map({ String(cString: $0) }) else { return }
        let png = try await browser.screenshot()
        guard let file = fopen(folder + "/chat.png", "w") else { throw HarnessError("cannot write to \(folder)") }
        fwrite(png, 1, png.count, file)
        fclose(file)
    }
}
