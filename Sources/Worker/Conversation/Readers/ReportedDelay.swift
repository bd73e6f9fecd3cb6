/// How late a passenger says they arrived.
package struct ReportedDelay: Hashable, Sendable {
    /// 1 to 1,440; nil when all that is known is that the train was cancelled.
    package let minutes: Int?
    package let isCancelled: Bool
    package let precision: Precision

    package enum Precision: String, Hashable, Sendable, CaseIterable {
        case exactly, about, over, under
    }

    /// Nil for a delay that is neither a cancellation nor 1 to 1,440 minutes.
    package init?(minutes: Int?, isCancelled: Bool = false, precision: Precision = .exactly) {
        if let minutes {
            guard (1...1440).contains(minutes) else { return nil }
        } else if !isCancelled {
            return nil
        }
        self.minutes = minutes
        self.isCancelled = isCancelled
        self.precision = minutes == nil ? .exactly : precision
    }
}

extension ReportedDelay {
    /// As passengers are shown it: `1 hour 5 minutes`, `over 2 hours`, `cancelled`; `DelayReader` reads it back.
    package var shown: String {
        guard let minutes else { return "cancelled" }
        var parts: [String] = []
        if minutes >= 60 { parts.append(minutes < 120 ? "1 hour" : "\(minutes / 60) hours") }
        if minutes % 60 > 0 { parts.append(minutes % 60 == 1 ? "1 minute" : "\(minutes % 60) minutes") }
        let length = (precision == .exactly ? "" : precision.rawValue + " ") + parts.joined(separator: " ")
        return isCancelled ? "cancelled, \(length) late" : length
    }
}
