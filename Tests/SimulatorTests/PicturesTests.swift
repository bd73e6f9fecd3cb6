import Common
import Glibc
import NIOHTTP1
import TestSupport
import Testing

@testable import Simulator

/// Draws the pictures of the documentation into the folder that `WRITE_SCREENSHOTS` names.
@Suite(.enabled(if: getenv("WRITE_SCREENSHOTS") != nil && Browser.isInstalled), .timeLimit(.minutes(2)))
struct PicturesTests {
    private static let callback = RunningSimulator.publicBase + "/webhook/twilio/status?m=1"
    private static let still = ["prefers-reduced-motion": "reduce"]

    @Test func theConversationInLightAndDarkAndOnAPhone() async throws {
        let folder = try #require(getenv("WRITE_SCREENSHOTS").map { String(cString: $0) })
        try await withRedis { redis in
            var configuration = RedisConfiguration()
            configuration.port = redis.port
            try await withSimulator(redis: configuration) { simulator in
                try await withBrowser { browser in
                    try await browser.prefer(Self.still)
                    for (name, number) in [("Sam Kent", "+447700900777"), ("Priya Nair", "+447700900345")] {
                        let json = #"{"name":"\#(name)","number":"\#(number)"}"#
                        _ = try await simulator.api(.POST, "/api/passengers", json)
                    }
                    try await browser.open(simulator.url)
                    try await browser.see("Live", in: "connection")
                    try await converse(simulator, redis, browser)
                    try write(try await browser.screenshot(), folder, "chat-light.png")
                    try await browser.prefer(Self.still.merging(["prefers-color-scheme": "dark"]) { $1 })
                    try write(try await browser.screenshot(), folder, "chat-dark.png")
                    try await browser.prefer(Self.still)
                    try await browser.click("side-by-side")
                    try write(try await browser.screenshot(), folder, "chat-side-by-side.png")
                    try await browser.click("side-by-side")
                    try await browser.resize(width: 390, height: 844, scale: 2, isMobile: true)
                    try write(try await browser.screenshot(), folder, "chat-phone.png")
                    try await browser.click("view-inside")
                    try write(try await browser.screenshot(), folder, "chat-phone-inside.png")
                    try await browser.click("view-sms")
                    try write(try await browser.screenshot(), folder, "chat-phone-sms.png")
                }
            }
        }
    }

    /// Passenger's words, what is answered, and the event that follows.
    private func converse(_ simulator: RunningSimulator, _ redis: RedisServer, _ browser: Browser) async throws {
        _ = try await simulator.create("Your claim DR-7F3K2 is with the train company.", to: "whatsapp:+447700900777")
        try await ask("hello", simulator, browser)
        try await answer(
            """
            Hello Alex, this is the Delay Repay assistant.

            Reply YES to accept our terms or NO to decline.
            """, simulator, browser)
        try await addEvent(redis, "user.registered", #"{"user_id":"0199a1f4-7d3e-7c11-9f00-1c2b3a4d5e6f"}"#)
        try await ask("yes", simulator, browser)
        let code = "482913 is your Delay Repay code. It works for 5 minutes."
        _ = try await simulator.create(code, to: "+447700900123", from: RunningSimulator.smsSender)
        try await answer("We are sending a code by text message. Please send it here.", simulator, browser)
        try await ask("482913", simulator, browser)
        try await addEvent(redis, "user.verified", #"{"user_id":"0199a1f4-7d3e-7c11-9f00-1c2b3a4d5e6f"}"#)
        try await answer(
            "Thank you, your number is confirmed. Tell us about a delayed journey, or send HELP.", simulator, browser)
        try await ask("the 14:30 from leeds to york yesterday was 40 minutes late", simulator, browser)
        try await answer(
            """
            *Leeds (LDS) to York (YRK)*
            Yesterday, 14:30, 40 minutes late

            Is that right? YES, EDIT or CANCEL
            """, simulator, browser)
        try await browser.see("user.verified", in: "events")
    }

    private func ask(_ text: String, _ simulator: RunningSimulator, _ browser: Browser) async throws {
        let count = simulator.service.webhooks.count { $0.form["Body"] != nil }
        try await browser.type(text + Browser.Key.enter.rawValue, into: "composer")
        try await until("the service has “\(text)”") {
            simulator.service.webhooks.count { $0.form["Body"] != nil } > count
        }
    }

    private func answer(_ text: String, _ simulator: RunningSimulator, _ browser: Browser) async throws {
        let sid = try #require(try await simulator.create(text, callback: Self.callback).json["sid"].string)
        let source = "return document.querySelector(`[data-sid=${arguments[0]}] .ticks`)?.dataset.status ?? null"
        try await until("“\(text)” is read") { try await browser.script(source, .string(sid)).string == "read" }
    }

    private func addEvent(_ redis: RedisServer, _ type: String, _ data: String) async throws {
        let connection = try RawConnection(port: redis.port)
        try await connection.send(
            "XADD whatsapp_handler.events * id 1 type \(type) source whatsapp-handler subject u1 "
                + "time \(Timestamp.now.rfc3339) seq 1 data '\(data)'\r\n")
        _ = try await connection.receive { $0.hasSuffix("\r\n") }
    }

    private func write(_ bytes: [UInt8], _ folder: String, _ name: String) throws {
        let file = try #require(fopen(folder + "/" + name, "w"))
        defer { fclose(file) }
        #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
    }
}
