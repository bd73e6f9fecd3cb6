import Common
import Glibc

/// How far long work is, on standard error, and only where somebody sees it.
struct ProgressBar {
    private let title: String
    private let total: Int
    private let isShown = isatty(STDERR_FILENO) == 1
    private let started = ContinuousClock.now
    private var last = ContinuousClock.now - .seconds(1)

    /// Counts up to `total`; 0 where nobody knows.
    init(_ title: String, total: Int) {
        self.title = title
        self.total = total
    }

    /// Shows that `done` are done, at most ten times a second.
    mutating func show(_ done: Int) {
        guard isShown, .now - last > .milliseconds(100) else { return }
        last = .now
        Output.put("\r\u{1B}[K" + line(done), to: STDERR_FILENO)
    }

    /// Leaves the line to what comes next.
    func end() {
        if isShown { Output.put("\r\u{1B}[K", to: STDERR_FILENO) }
    }

    /// The line as it is shown: `replaying  [########            ]  40 %  400 of 1000  2 s`.
    func line(_ done: Int) -> String {
        let seconds = "\((ContinuousClock.now - started).components.seconds) s"
        guard total > 0 else { return "\(title)  \(done)  \(seconds)" }
        let share = min(1, Double(done) / Double(total))
        let filled = Int(share * 20)
        let bar = String(repeating: "#", count: filled) + String(repeating: " ", count: 20 - filled)
        return "\(title)  [\(bar)]  \(Int(share * 100)) %  \(done) of \(total)  \(seconds)"
    }
}
