import Common

extension HTML {
    /// A moment in UTC as people read it, `23 Nov 05:06:13`, with all of it for programs.
    static func moment(_ moment: Timestamp) -> HTML {
        let text = moment.rfc3339
        guard text.utf8.count == 24, let month = Int(text.dropFirst(5).prefix(2)), (1...12).contains(month) else {
            return "\(text)"
        }
        let day = Int(text.dropFirst(8).prefix(2)) ?? 0
        return
            #"<time datetime="\#(text)" title="\#(text)">\#(day) \#(months[month - 1]) \#(text.dropFirst(11).prefix(8))</time>"#
    }

    /// How long ago it was, `12 min ago`, with the moment itself where a pointer rests on it.
    static func ago(_ moment: Timestamp, at now: Timestamp) -> HTML {
        #"<time class="nowrap" datetime="\#(moment.rfc3339)" title="\#(moment.rfc3339)">\#(coarse(now - moment)) ago</time>"#
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// A time in its largest unit: `4 s`, `12 min`, `3 h`, `2 d`.
    static func coarse(_ duration: Duration) -> String {
        let seconds = max(0, duration.components.seconds)
        switch seconds {
        case ..<60: return "\(seconds) s"
        case ..<3600: return "\(seconds / 60) min"
        case ..<172_800: return "\(seconds / 3600) h"
        case _: return "\(seconds / 86_400) d"
        }
    }

    /// A number with its thousands apart: `12 345`, held together.
    static func count(_ number: Int) -> String {
        let digits = Array(String(number.magnitude))
        var text = number < 0 ? "-" : ""
        for (place, digit) in digits.enumerated() {
            if place > 0, (digits.count - place) % 3 == 0 { text.append("\u{202F}") }
            text.append(digit)
        }
        return text
    }

    /// `1 message`, `2 messages`.
    static func several(_ number: Int, _ one: String, _ many: String? = nil) -> String {
        "\(count(number)) \(number == 1 ? one : many ?? one + "s")"
    }
}
