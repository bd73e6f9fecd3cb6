package import Common
import FoundationEssentials
import Glibc
import NIOHTTP1

/// A headless Chromium of a test's own, driven through chromedriver (https://www.w3.org/TR/webdriver2/).
///
/// Elements are named by their `data-testid`; `scope` narrows that to what is inside a CSS selector's element.
package struct Browser: Sendable {
    /// A key that is no character, as WebDriver writes it.
    package enum Key: String, Sendable {
        case tab = "\u{E004}"
        case enter = "\u{E007}"
        case escape = "\u{E00C}"
        case arrowDown = "\u{E015}"
        case arrowUp = "\u{E013}"
    }

    /// What there is to be tried at most per command; a page that hangs must not hang the tests.
    private static let timeout: Duration = .seconds(30)
    private static let elementKey = "element-6066-11e4-a52e-4f735466cecf"

    private let client: HTTPClient
    private let session: String

    /// Whether both programs are there; `apt-get install chromium chromium-driver`.
    package static var isInstalled: Bool {
        ["chromedriver", "chromium"].allSatisfy { access("/usr/bin/" + $0, X_OK) == 0 }
    }

    fileprivate init(client: HTTPClient, driver: String, arguments: [String]) async throws {
        self.client = client
        let options: JSONValue = [
            "capabilities": [
                "alwaysMatch": [
                    "goog:chromeOptions": ["args": .array(arguments.map { .string($0) })],
                    "goog:loggingPrefs": ["browser": "ALL"],
                ]
            ]
        ]
        let made = try await Self.send(client, .POST, driver + "/session", options)
        guard let id = made["sessionId"].string else { throw HarnessError("chromedriver made no session: \(made)") }
        session = driver + "/session/" + id
    }

    // MARK: The window

    /// Loads a page and waits until it is complete.
    package func open(_ url: String) async throws { try await command(.POST, "/url", ["url": .string(url)]) }

    /// Lays the page out as on a screen of that size in CSS pixels.
    package func resize(width: Int, height: Int, scale: Int = 1, isMobile: Bool = false) async throws {
        let parameters: JSONValue = [
            "width": .integer(width), "height": .integer(height), "deviceScaleFactor": .integer(scale),
            "mobile": .bool(isMobile),
        ]
        try await devTools("Emulation.setDeviceMetricsOverride", parameters)
    }

    /// Has the page see a user's wishes, such as `prefers-color-scheme: dark`, in place of those before.
    package func prefer(_ wishes: [String: String]) async throws {
        let features = wishes.map { wish -> JSONValue in ["name": .string(wish.key), "value": .string(wish.value)] }
        try await devTools("Emulation.setEmulatedMedia", ["features": .array(features)])
    }

    /// What the window shows, as PNG.
    package func screenshot() async throws -> [UInt8] {
        let text = try await command(.GET, "/screenshot").string ?? ""
        guard let bytes = [UInt8](base64: text.utf8) else { throw HarnessError("the screenshot is no base64") }
        return bytes
    }

    /// What the page and the browser complained about on the console since it was asked last.
    package func complaints() async throws -> [String] {
        try await command(.POST, "/se/log", ["type": "browser"]).array
            .filter { $0["level"] != .string("INFO") }.compactMap { $0["message"].string }
    }

    // MARK: Elements

    package func click(_ testID: String, in scope: String = "") async throws {
        try await command(.POST, "/element/\(try await element(testID, scope))/click", [:])
    }

    /// Types into an element, as a person would: key by key, with whatever each key does.
    package func type(_ text: String, into testID: String, in scope: String = "") async throws {
        try await command(
            .POST, "/element/\(try await element(testID, scope))/value", ["text": .string(text)])
    }

    package func clear(_ testID: String, in scope: String = "") async throws {
        try await command(.POST, "/element/\(try await element(testID, scope))/clear", [:])
    }

    /// Presses keys wherever the focus is.
    package func press(_ keys: Key...) async throws { try await typeAtFocus(keys.map(\.rawValue).joined()) }

    /// Types wherever the focus is.
    package func typeAtFocus(_ text: String) async throws {
        let active = try await command(.GET, "/element/active")[Self.elementKey].string ?? ""
        try await command(.POST, "/element/\(active)/value", ["text": .string(text)])
    }

    /// The `data-testid` of the element that has the focus.
    package func focus() async throws -> String? {
        try await script("return document.activeElement?.dataset.testid ?? null").string
    }

    /// The text inside an element, shown or not; empty when there is no such element.
    package func text(_ testID: String, in scope: String = "") async throws -> String {
        try await script(
            "return document.querySelector(arguments[0])?.textContent ?? ''", .string(Self.selector(testID, scope))
        ).string ?? ""
    }

    /// How many elements of that name can be seen.
    package func count(_ testID: String, in scope: String = "") async throws -> Int {
        let found = try await script(
            "return [...document.querySelectorAll(arguments[0])].filter((each) => each.checkVisibility()).length",
            .string(Self.selector(testID, scope)))
        guard case .number(let count) = found else { return 0 }
        return Int(count)
    }

    /// Waits until an element's text holds `text`.
    package func see(
        _ text: String, in testID: String, of scope: String = "", within limit: Duration = .seconds(20)
    ) async throws {
        try await until("\(testID) shows “\(text)”", within: limit) {
            try await self.text(testID, in: scope).contains(text)
        }
    }

    /// Runs the body of a JavaScript function; `arguments` are what it finds in `arguments`.
    @discardableResult
    package func script(_ source: String, _ arguments: JSONValue...) async throws -> WebDriverValue {
        try await command(.POST, "/execute/sync", ["script": .string(source), "args": .array(arguments)])
    }

    // MARK: Commands

    fileprivate func quit() async { _ = try? await Self.send(client, .DELETE, session, nil) }

    private static func selector(_ testID: String, _ scope: String) -> String {
        (scope.isEmpty ? "" : scope + " ") + "[data-testid=\"\(testID)\"]"
    }

    private func element(_ testID: String, _ scope: String) async throws -> String {
        let query: JSONValue = ["using": "css selector", "value": .string(Self.selector(testID, scope))]
        let found = try await command(.POST, "/element", query)
        guard let id = found[Self.elementKey].string else { throw HarnessError("there is no \(testID)") }
        return id
    }

    private func devTools(_ name: String, _ parameters: JSONValue) async throws {
        try await command(.POST, "/goog/cdp/execute", ["cmd": .string(name), "params": parameters])
    }

    @discardableResult
    private func command(_ method: HTTPMethod, _ path: String, _ body: JSONValue? = nil) async throws -> WebDriverValue
    {
        try await Self.send(client, method, session + path, body)
    }

    private static func send(
        _ client: HTTPClient, _ method: HTTPMethod, _ url: String, _ body: JSONValue?
    ) async throws -> WebDriverValue {
        var request = HTTPRequest(method, url, body: Array((body?.text ?? "").utf8))
        request.headers = ["Content-Type": "application/json"]
        request.timeout = timeout
        request.maximumResponseBytes = 32 * 1024 * 1024
        let response = try await client.send(request)
        let value = try JSONDecoder().decode([String: WebDriverValue].self, from: Data(response.body))["value"] ?? .null
        guard response.status == 200 else {
            throw HarnessError("chromedriver: \(value["error"].string ?? "") \(value["message"].string ?? "")")
        }
        return value
    }
}

/// Runs `body` with a browser that ends with the scope.
package func withBrowser<R: Sendable>(
    width: Int = 1280, height: Int = 800, _ body: (Browser) async throws -> R
) async throws -> R {
    try await withTemporaryDirectory { directory in
        let port = try freePort()
        let driver = ServerProcess("chromedriver", ["--port=\(port)"], log: directory + "/chromedriver.log")
        let client = HTTPClient(reactor: Reactor(name: "browser"))
        try await driver.start()
        try await until("chromedriver answers") { connects(toPort: port) }
        let browser = try await Browser(
            client: client, driver: "http://127.0.0.1:\(port)",
            arguments: [
                "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars",
                "--no-first-run", "--disable-background-networking", "--window-size=\(width),\(height)",
                "--user-data-dir=\(directory)/profile",
            ])
        let result: Result<R, any Error>
        do {
            try await browser.resize(width: width, height: height)
            result = .success(try await body(browser))
        } catch { result = .failure(error) }
        await browser.quit()
        await client.close()
        try await driver.stop()
        return try result.get()
    }
}
