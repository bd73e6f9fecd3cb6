@testable import Conversation

/// Finds the days and times that a reply prints.
enum Printed {
    /// As `Sun 22 Nov 2026`.
    static func days(in text: String) -> [String] {
        let words = words(text)
        return words.indices.compactMap { index in
            guard index + 3 < words.count, weekdays.contains(words[index]), words[index + 3].count == 4,
                Int(words[index + 3]) != nil
            else { return nil }
            return words[index...(index + 3)].joined(separator: " ")
        }
    }

    /// As `14:30`.
    static func times(in text: String) -> [String] {
        words(text).filter { $0.utf8.count == 5 && $0.utf8.dropFirst(2).first == 0x3A && Int($0.prefix(2)) != nil }
    }

    /// The day that was printed, by its parts.
    static func date(_ day: String) -> CivilDate? {
        let parts = day.split(separator: " ")
        guard parts.count == 4, let number = Int(parts[1]), let year = Int(parts[3]),
            let month = months.firstIndex(of: String(parts[2]))
        else { return nil }
        let date = CivilDate(year: year, month: month + 1, day: number)
        return date?.shown == day ? date : nil
    }

    private static let weekdays: Set<String> = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func words(_ text: String) -> [String] {
        text.split(whereSeparator: { $0 == " " || $0 == "\n" }).map { word in
            var word = word
            while let last = word.last, ".,;?!)\"".contains(last) { word.removeLast() }
            while let first = word.first, "(\"".contains(first) { word.removeFirst() }
            return String(word)
        }
    }
}
