/// A time of day to the minute, as a clock on the wall shows it.
package struct CivilTime: Hashable, Sendable {
    /// 0 to 23.
    package let hour: Int
    /// 0 to 59.
    package let minute: Int

    package init?(hour: Int, minute: Int) {
        guard (0...23).contains(hour), (0...59).contains(minute) else { return nil }
        self.hour = hour
        self.minute = minute
    }

    /// The time so many minutes after midnight; counts on into the next day, and back into the one before.
    package init(minutesAfterMidnight minutes: Int) {
        let minutes = (minutes % 1440 + 1440) % 1440
        hour = minutes / 60
        minute = minutes % 60
    }

    package var minutesAfterMidnight: Int { hour * 60 + minute }
}

extension CivilTime: Comparable {
    package static func < (left: CivilTime, right: CivilTime) -> Bool {
        left.minutesAfterMidnight < right.minutesAfterMidnight
    }
}

extension CivilTime: CustomStringConvertible {
    /// As stored, and as passengers are shown it: `08:15`.
    package var description: String { "\(padded(hour, to: 2)):\(padded(minute, to: 2))" }

    /// Reads what `description` wrote, and nothing else.
    package init?(stored text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.map(\.count) == [2, 2], let hour = number(ofDigits: parts[0]),
            let minute = number(ofDigits: parts[1])
        else { return nil }
        self.init(hour: hour, minute: minute)
    }
}
