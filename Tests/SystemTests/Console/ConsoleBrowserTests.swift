import Common
import Glibc
import TestSupport
import Testing

/// The operator's console in a real browser, beside the built service.
@Suite(.serialized, .enabled(if: Browser.isInstalled, "apt-get install chromium chromium-driver"))
struct ConsoleBrowserTests {
    private static let phone = "+447700900611"
    private static var chat: String { "whatsapp:" + phone }

    private func sid(_ digit: Character) -> String { "SM" + String(repeating: digit, count: 32) }

    private func sql(_ product: Product, _ text: String) async throws -> String {
        try await product.postgres.psql("SET search_path = whatsapp_handler; " + text, database: product.database)
    }

    /// A message that waits is seen at once; one that was given up on is replayed by keyboard, and answered.
    @Test(.timeLimit(.minutes(3)))
    func whatWentWrongIsSeenAndReplayed() async throws {
        try await withProduct { product in
            var processes: [ServerProcess] = []
            for program in [Product.Program.simulator, .ingest, .worker, .relay] {
                processes.append(try await product.start(program))
            }
            let console = try await start(product)
            try await withBrowser(height: 900) { browser in
                try await browser.open(console.url)
                try await browser.see("Live", in: "live")
                try await browser.see("1", in: "figure-alive")
                try await browser.see("All is well", in: "well")

                // Paused, a message waits, and the page shows it by itself.
                try await browser.click("pause")
                try await browser.click("confirm")
                try await browser.see("The queue is paused.", in: "notice")
                #expect(try await product.say("hi", sid: sid("1"), from: Self.phone) == 200)
                try await browser.see("1", in: "figure-waiting")
                try await browser.see("The queue is paused", in: "attention")
                try await browser.click("resume")
                try await browser.click("confirm")
                try await until("it is answered") { try await product.replies(to: Self.chat).count == 1 }
                try await browser.see("0", in: "figure-waiting")

                try await poison(product)
                try await browser.see("1", in: "figure-dead", within: .seconds(30))
                _ = try await sql(product, "ALTER TABLE inbound_messages DROP CONSTRAINT poison")
                try await replayByKeyboard(browser)
                try await until("it is answered") { try await product.replies(to: Self.chat).count == 2 }

                try await browser.click("nav-conversations")
                try await browser.type("\(Self.phone)\u{E007}", into: "words")
                try await browser.see("given up on", in: "story")
                #expect(!(try await browser.text("address")).contains(Self.phone))
                try await browser.click("reveal")
                try await browser.see(Self.phone, in: "address")
                #expect(try await browser.script("return location.href").string?.contains("7700") == false)
                #expect(try await browser.complaints() == [])
            }
            let log = textOfFile(console.log)
            #expect(log.contains(#""message":"revealed""#) && log.contains("replayed dead letters"))
            #expect(!log.contains(Self.phone))
            try await console.process.stop(SIGTERM)
            #expect(textOfFile(console.log).contains("the console has stopped"))
            for process in processes.reversed() { try await process.stop(SIGTERM) }
            // A worker that was stopped said good-bye.
            #expect(try await product.redisCommand("ZCARD", "{wa:workers}").int == 0)
        }
    }

    /// Every page is for everybody: labels, names, contrast, light and dark, 360 pixels wide.
    @Test(.timeLimit(.minutes(3)))
    func everyPageIsForEverybody() async throws {
        try await withProduct { product in
            let worker = try await product.start(.worker, ["BACKFILL_INTERVAL_SECONDS": "0"])
            try await fill(product)
            let console = try await start(product)
            try await withBrowser(height: 900) { browser in
                let letter = try await sql(product, "SELECT min(id) FROM dead_letters")
                for (width, scheme) in [(1280, "light"), (360, "dark"), (360, "light"), (768, "dark")] {
                    try await browser.resize(width: width, height: 900, isMobile: width == 360)
                    try await browser.prefer(["prefers-color-scheme": scheme])
                    for path in [
                        "", "dead", "dead?status=all&reason=x", "dead/\(letter)", "conversations", "outbox",
                        "queue/pause", "nowhere",
                    ] {
                        try await browser.open(console.url + path)
                        if path.isEmpty { try await browser.see("Live", in: "live") }
                        let complaints = try await PageCheck.complaints(browser, touch: width == 360)
                        #expect(complaints == [], "/\(path) at \(width), \(scheme)")
                        try await draw(browser, "\(path.isEmpty ? "overview" : path)-\(width)-\(scheme)")
                    }
                    try await browser.open(console.url + "conversations")
                    try await browser.type("\(Self.phone)\u{E007}", into: "words")
                    try await browser.see("given up on", in: "story")
                    let told = try await PageCheck.complaints(browser, touch: width == 360)
                    #expect(told == [], "a conversation at \(width), \(scheme)")
                    try await draw(browser, "conversation-\(width)-\(scheme)")
                }
                try await draw(browser, of: console, product)
            }
            try await console.process.stop(SIGTERM)
            try await worker.stop(SIGTERM)
        }
    }

    // MARK: Steps

    /// Goes to the dead letters, chooses one and has it replayed, without a mouse.
    private func replayByKeyboard(_ browser: Browser) async throws {
        try await tab(to: "nav-dead", browser)
        try await browser.press(.enter)
        try await browser.see("1 letter", in: "count")
        try await tab(to: "pick-\(sid("2"))", browser)
        try await browser.typeAtFocus(" ")
        // The buttons stand before the table.
        for _ in 0..<40 where try await browser.focus() != "replay-selected" {
            try await browser.typeAtFocus("\u{E008}\u{E004}\u{E000}")
        }
        #expect(try await browser.text("replay-selected").contains("(1)"))
        try await browser.press(.enter)
        try await browser.see("Replay 1", in: "confirm")
        #expect(try await browser.focus() == "confirm")
        try await browser.press(.enter)
        try await browser.see("Replayed 1 dead letter.", in: "notice")
        #expect(try await browser.focus() == "notice")
    }

    private func tab(to name: String, _ browser: Browser) async throws {
        for _ in 0..<60 where try await browser.focus() != name { try await browser.press(.tab) }
        #expect(try await browser.focus() == name, "\(name) is reached by the keyboard")
    }

    /// Has a message given up on that the database refuses.
    private func poison(_ product: Product) async throws {
        _ = try await sql(
            product, "ALTER TABLE inbound_messages ADD CONSTRAINT poison CHECK (message_sid <> '\(sid("2"))')")
        try await product.say("hello", sid: sid("2"), from: Self.phone)
        try await until("it is given up on", within: .seconds(60)) {
            // Not so long between the attempts.
            try await product.redisCommand("ZADD", "{wa:0}:delay", "XX", 1, .init(Self.chat))
            return try await sql(product, "SELECT count(*) FROM dead_letters") == "1"
        }
    }

    /// A little of everything, without the minutes it takes to come about.
    private func fill(_ product: Product) async throws {
        _ = try await sql(
            product,
            """
            INSERT INTO users (sender, phone_number, verified_at, terms_accepted_at, terms_version, display_name)
            VALUES ('\(Self.chat)', '\(Self.phone)', now(), now(), '1', 'Ada');
            SELECT outbox_register_sink('redis'), outbox_register_sink('webhook');
            INSERT INTO outbox_relays (sink, owner, lease_until)
            SELECT sink, 'relay-1', now() + interval '1 hour' FROM unnest(ARRAY['redis', 'webhook']) sink;
            UPDATE outbox_cursors SET owner = 'relay-1', lease_until = now() + interval '1 hour';
            INSERT INTO outbox_parked (sink, sequence, shard, ordering_key, event, state, attempts, next_attempt_at, last_status, last_error)
            SELECT 'webhook', n, 0, u.id::text,
                   jsonb_build_object('id', gen_random_uuid(), 'event_type', 'journey.created', 'occurred_at', now()),
                   CASE WHEN n = 1 THEN 'dead' WHEN n = 2 THEN 'retry' ELSE 'blocked' END, 9 - n,
                   now() + interval '20 minutes', 503, 'answered 503: Service Unavailable'
              FROM users u, generate_series(1, 3) n
            """)
        for number in 0..<5 {
            let digit = Character("\(number)")
            let form = FormParameters.encode([
                ("MessageSid", sid(digit)), ("Body", "My train was late"), ("From", Self.chat),
                ("To", Product.whatsAppNumber), ("AccountSid", Product.accountSID), ("ProfileName", "Ada"),
                ("NumMedia", "0"), ("MessageType", "text"), ("WaId", String(Self.phone.dropFirst())),
            ])
            let envelope = Envelope(
                messageSID: sid(digit), sender: Self.chat, receivedAt: .now - .seconds(number * 600 + 40),
                correlationID: CorrelationID(), kind: .message, body: form
            ).encoded()
            let at = (Timestamp.now - .seconds(number * 600)).milliseconds
            let head =
                number == 4 ? "malformed\u{1F}not an envelope\u{1F}0" : "deliveries\u{1F}delivered too often\u{1F}8"
            let letter = Array("\(head)\u{1F}\(at)\u{1F}".utf8) + (number == 4 ? Array("nonsense".utf8) : envelope)
            try await product.redisCommand("RPUSH", "{wa:0}:dead", .init(letter))
        }
        try await product.operator("dead", "list")
    }

    // MARK: The console

    private struct Running: Sendable {
        let process: ServerProcess
        let log: String
        let url: String
    }

    private func start(_ product: Product) async throws -> Running {
        let log = product.directory + "/console.log"
        let process = ServerProcess(
            "env",
            ["-i"] + product.environment(.worker).map { "\($0.key)=\($0.value)" }.sorted()
                + ["\(Product.programs)/operator", "serve", "--port", "0"], log: log)
        try await process.start()
        var url = ""
        try await until("the console is ready") {
            guard let found = textOfFile(log).firstMatch(of: /"url":"(http:[^"]+)"/) else { return false }
            url = String(found.1)
            return true
        }
        return Running(process: process, log: log, url: url)
    }

    // MARK: Pictures

    /// Draws every page when `CONSOLE_SCREENSHOTS` is set to a folder, for who works on them.
    private func draw(_ browser: Browser, _ name: String) async throws {
        guard let folder = getenv("CONSOLE_SCREENSHOTS").map({ String(cString: $0) }) else { return }
        let plain = String(name.map { $0.isLetter || $0.isNumber || $0 == "-" ? $0 : "_" })
        try await write(browser, "\(folder)/\(plain).png")
    }

    /// Draws the picture of docs/console.md when `WRITE_SCREENSHOTS` is set to its folder.
    ///
    /// It takes two minutes: the sparklines grow by one look in five seconds.
    private func draw(_ browser: Browser, of console: Running, _ product: Product) async throws {
        guard let folder = getenv("WRITE_SCREENSHOTS").map({ String(cString: $0) }) else { return }
        let other = try await product.start(.worker, ["PORT": "\(try freePort())", "BACKFILL_INTERVAL_SECONDS": "0"])
        var random = SplitMix64(seed: 7)
        var load = 60
        for second in 0..<120 {
            load = max(20, min(140, load + Int.random(in: -25...25, using: &random)))
            try await product.redisCommand("HINCRBY", "{wa:0}:ctr", "done", .init(load))
            if second % 37 == 5 { try await product.redisCommand("HINCRBY", "{wa:0}:ctr", "dead", 1) }
            try await Task.sleep(for: .seconds(1))
        }
        try await browser.resize(width: 1280, height: 700)
        try await browser.prefer(["prefers-color-scheme": "light"])
        try await browser.open(console.url)
        try await browser.see("Live", in: "live")
        try await write(browser, folder + "/console.png")
        try await other.stop(SIGTERM)
    }

    private func write(_ browser: Browser, _ path: String) async throws {
        let png = try await browser.screenshot()
        guard let file = fopen(path, "w") else { throw HarnessError("cannot write to \(path)") }
        fwrite(png, 1, png.count, file)
        fclose(file)
    }
}
