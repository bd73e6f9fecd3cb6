import Common
import NIOHTTP1
import TestSupport
import Testing

@testable import Simulator

/// The chat page in a real browser; one browser for each test, so few at a time.
@Suite(
    .serialized, .enabled(if: Browser.isInstalled, "apt-get install chromium chromium-driver"), .timeLimit(.minutes(3)))
struct PageTests {
    private static let welcome = """
        Hello Alex, this is the Delay Repay assistant.

        Please read our terms first: https://example.com/terms

        Reply YES to accept them or NO to decline. HELP explains more.
        """

    private func open(_ simulator: RunningSimulator, _ browser: Browser) async throws {
        try await browser.open(simulator.url)
        try await browser.see("Live", in: "connection")
        try await until("the phone is there") { try await browser.count("composer") == 1 }
    }

    /// How the ticks of the newest message of a direction stand.
    private func ticks(_ browser: Browser, _ direction: String) async throws -> String? {
        let source = """
            return [...document.querySelectorAll(`[data-testid=chat] [data-direction=${arguments[0]}]`)].at(-1)
              ?.querySelector("[data-testid=ticks]").dataset.status ?? null
            """
        return try await browser.script(source, .string(direction)).string
    }

    @Test func aConversationShowsWithItsTicksAndButtons() async throws {
        try await withSimulator { simulator in
            try await withBrowser { browser in
                try await open(simulator, browser)
                try await browser.type("hello", into: "composer")
                try await browser.click("send")
                try await browser.see("hello", in: "chat")
                #expect(try await simulator.service.webhooks(1)[0].form["Body"] == "hello")
                try await until("the service has it") { try await ticks(browser, "inbound") == "delivered" }
                let callback = RunningSimulator.publicBase + "/webhook/twilio/status?m=1"
                _ = try await simulator.create(Self.welcome, callback: callback)
                try await browser.see("Delay Repay assistant", in: "chat")
                try await until("it is read") { try await ticks(browser, "outbound") == "read" }
                #expect(try await browser.count("quick-reply") == 3)
                try await browser.see("Webhook accepted", in: "events")
                try await browser.click("quick-reply")
                #expect(try await simulator.service.webhooks(5).last?.form["ButtonText"] == "YES")
                try await until("the buttons are gone") { try await browser.count("quick-reply") == 0 }
                #expect(try await browser.complaints() == [])
            }
        }
    }

    @Test func textIsNeverMarkup() async throws {
        try await withSimulator { simulator in
            try await withBrowser { browser in
                try await open(simulator, browser)
                let text = #"<img src=x onerror="document.title='owned'"> <b>bold</b> *strong*"#
                _ = try await simulator.create(text)
                try await browser.see("<b>bold</b> strong", in: "chat")
                #expect(try await browser.script("return document.title").string == "Delay Repay · chat simulator")
                #expect(try await browser.script("return document.querySelector('[data-testid=chat] img')") == .null)
                let json = #"{"name":"<script>alert(1)</script>","number":"+447700900500"}"#
                _ = try await simulator.api(.POST, "/api/passengers", json)
                try await browser.see("<script>alert(1)</script>", in: "passengers")
                #expect(try await browser.complaints() == [])
            }
        }
    }

    @Test func aSecondPassengerIsAddedAndCodesComeBySMS() async throws {
        try await withSimulator { simulator in
            try await withBrowser { browser in
                try await open(simulator, browser)
                try await browser.click("add-passenger")
                try await browser.type("Sam Kent", into: "passenger-name")
                try await browser.clear("passenger-number")
                try await browser.type("+447700900777", into: "passenger-number")
                try await browser.click("passenger-create")
                try await until("Sam's phone is shown") {
                    try await browser.count("composer", in: "[data-passenger=p2]") == 1
                }
                try await browser.type("hi\u{E007}", into: "composer")
                #expect(try await simulator.service.webhooks(1)[0].form["ProfileName"] == "Sam Kent")
                _ = try await simulator.create(
                    "482913 is your code.", to: "+447700900777", from: RunningSimulator.smsSender)
                try await browser.see("482913", in: "sms")
                try await browser.see("482913", in: "quick-replies")
                try await browser.click("quick-reply")
                #expect(try await simulator.service.webhooks(2).last?.form["Body"] == "482913")
                // What the first passenger gets meanwhile waits in the other tab.
                _ = try await simulator.create("for Alex")
                try await browser.see("for Alex", in: "tab-p1")
                #expect(try await !browser.text("chat").contains("for Alex"))
                try await browser.click("side-by-side")
                try await until("both are shown") { try await browser.count("composer") == 2 }
                try await browser.see("for Alex", in: "chat", of: "[data-passenger=p1]")
            }
        }
    }

    @Test func theKeyboardIsEnough() async throws {
        try await withSimulator { simulator in
            try await withBrowser { browser in
                try await open(simulator, browser)
                _ = try await simulator.create("Reply YES or NO.")
                try await until("there are buttons") { try await browser.count("quick-reply") == 2 }
                try await tab(to: "tab-p1", browser)
                try await tab(to: "quick-reply", browser)
                try await browser.press(.enter)
                #expect(try await simulator.service.webhooks(1)[0].form["Body"] == "YES")
                #expect(try await browser.focus() == "composer")
                try await browser.typeAtFocus("two words")
                try await browser.press(.enter)
                #expect(try await simulator.service.webhooks(2)[1].form["Body"] == "two words")
                // A passenger is added and reached without a mouse, too.
                try await browser.script("document.querySelector('.skip').focus()")
                try await tab(to: "add-passenger", browser)
                try await browser.press(.enter)
                try await until("the dialog has the focus") { try await browser.focus() == "passenger-name" }
                try await browser.typeAtFocus("Kim")
                try await browser.press(.enter)
                try await until("Kim's phone has the focus") { try await browser.focus() == "composer" }
                try await browser.script("document.getElementById('tab-p2').focus()")
                try await browser.press(.arrowUp)
                #expect(try await browser.focus() == "tab-p1")
                try await until("Alex's phone is shown") {
                    try await browser.count("chat", in: "[data-passenger=p1]") == 1
                }
            }
        }
    }

    private func tab(to testID: String, _ browser: Browser) async throws {
        for _ in 0..<30 where try await browser.focus() != testID {
            try await browser.press(.tab)
        }
        #expect(try await browser.focus() == testID)
    }

    @Test func itComesBackWhenTheSimulatorDoes() async throws {
        try await withBrowser { browser in
            let port = try freePort()
            try await withSimulator {
                $0.port = port
            } _: { simulator in
                try await open(simulator, browser)
                _ = try await simulator.create("before")
                try await browser.see("before", in: "chat")
            }
            try await browser.see("Reconnecting", in: "connection")
            try await withSimulator {
                $0.port = port
            } _: { simulator in
                try await browser.see("Live", in: "connection")
                _ = try await simulator.create("after")
                try await browser.see("after", in: "chat")
                #expect(try await !browser.text("chat").contains("before"))
            }
        }
    }

    @Test func aPhonesScreenHasTabs() async throws {
        try await withSimulator { simulator in
            try await withBrowser(width: 390, height: 844) { browser in
                try await browser.resize(width: 390, height: 844, isMobile: true)
                try await open(simulator, browser)
                #expect(try await browser.count("events") == 0)
                try await browser.click("view-inside")
                #expect(try await browser.count("events") == 1)
                #expect(try await browser.count("composer") == 0)
                try await browser.click("view-sms")
                #expect(try await browser.count("sms") == 1)
                let wide = "return document.documentElement.scrollWidth > document.documentElement.clientWidth"
                #expect(try await browser.script(wide) == .bool(false))
            }
        }
    }
}
