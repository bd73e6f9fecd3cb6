/// How a webhook is tried, from the fragment of its URL: `#rc=3&rp=ct,rt,5xx&ct=2000&rt=5000&tt=15000`.
///
/// Defaults and limits are those of Twilio's connection overrides: one retry, when the connection could not be made.
struct ConnectionOverrides: Hashable, Sendable {
    /// A reason to try again.
    enum Reason: String, Sendable {
        case connect = "ct"
        case read = "rt"
        case clientError = "4xx"
        case serverError = "5xx"
    }

    private(set) var retries = 1
    private(set) var reasons: Set<Reason> = [.connect]
    private(set) var connectTimeout: Duration = .milliseconds(5000)
    private(set) var readTimeout: Duration = .milliseconds(15000)
    /// For all tries together.
    private(set) var totalTimeout: Duration = .milliseconds(15000)

    init(fragment: String?) {
        for setting in (fragment ?? "").split(separator: "&") {
            let sides = setting.split(separator: "=", maxSplits: 1)
            guard sides.count == 2 else { continue }
            let number = Int(sides[1])
            switch sides[0] {
            case "rc": retries = min(5, max(0, number ?? retries))
            case "ct": connectTimeout = number.map { .milliseconds(min(10000, max(100, $0))) } ?? connectTimeout
            case "rt": readTimeout = number.map { .milliseconds(min(15000, max(100, $0))) } ?? readTimeout
            case "tt": totalTimeout = number.map { .milliseconds(min(15000, max(100, $0))) } ?? totalTimeout
            case "rp":
                let words = sides[1].split(separator: ",").map(String.init)
                reasons =
                    words.contains("all")
                    ? [.connect, .read, .clientError, .serverError] : Set(words.compactMap(Reason.init))
            default: continue
            }
        }
    }
}
