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
