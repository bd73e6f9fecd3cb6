extension Conversation {
    /// A time zone by its IANA name, of a list of those that passengers of UK trains come from.
    package struct TimeZoneName: Hashable, Sendable, CustomStringConvertible {
        /// For example `Europe/London`.
        package let name: String

        /// Nil for a name that is not on the list, or not written exactly as there.
        package init?(_ name: String) {
            guard Self.names.contains(name) else { return nil }
            self.name = name
        }

        /// Reads a name or a city as people write them, in the words of `Command.words(of:)`: `europe paris`, `paris`.
        init?(reading words: String) {
            guard let name = Self.spoken[words] else { return nil }
            self.name = name
        }

        private init(known name: String) { self.name = name }

        package static let london = TimeZoneName(known: "Europe/London")

        package var description: String { name }

        /// Every name of the list.
        package static let names = Set(all.map(\.name))

        /// What people say, in words, to the name.
        private static let spoken: [String: String] = {
            var spoken: [String: String] = [:]
            for (name, aliases) in all {
                let words = Command.words(of: name)
                let city = Command.words(of: String(name.split(separator: "/").last ?? ""))
                for form in [words.joined(separator: " "), city.joined(separator: " ")] + aliases {
                    spoken[form] = name
                }
            }
            return spoken
        }()

        /// Every zone, with what people call it besides its city.
        static let all: [(name: String, aliases: [String])] = [
            (
                "Europe/London",
                [
                    "uk", "united kingdom", "gb", "great britain", "britain", "england", "scotland", "wales",
                    "northern ireland", "cardiff", "edinburgh", "belfast", "glasgow", "gmt", "bst",
                ]
            ),
            ("Europe/Dublin", ["ireland"]), ("Europe/Jersey", []), ("Europe/Guernsey", []),
            ("Europe/Isle_of_Man", []), ("Europe/Gibraltar", []), ("Europe/Paris", ["france"]),
            ("Europe/Brussels", ["belgium"]), ("Europe/Amsterdam", ["netherlands", "holland"]),
            ("Europe/Luxembourg", []), ("Europe/Berlin", ["germany"]), ("Europe/Zurich", ["switzerland"]),
            ("Europe/Vienna", ["austria"]), ("Europe/Rome", ["italy"]), ("Europe/Madrid", ["spain"]),
            ("Atlantic/Canary", ["canaries", "canary islands", "tenerife"]), ("Europe/Lisbon", ["portugal"]),
            ("Europe/Malta", []), ("Europe/Copenhagen", ["denmark"]), ("Europe/Oslo", ["norway"]),
            ("Europe/Stockholm", ["sweden"]), ("Europe/Helsinki", ["finland"]), ("Atlantic/Reykjavik", ["iceland"]),
            ("Europe/Tallinn", ["estonia"]), ("Europe/Riga", ["latvia"]), ("Europe/Vilnius", ["lithuania"]),
            ("Europe/Warsaw", ["poland"]), ("Europe/Prague", ["czechia", "czech republic"]),
            ("Europe/Bratislava", ["slovakia"]), ("Europe/Budapest", ["hungary"]), ("Europe/Ljubljana", ["slovenia"]),
            ("Europe/Zagreb", ["croatia"]), ("Europe/Belgrade", ["serbia"]), ("Europe/Bucharest", ["romania"]),
            ("Europe/Sofia", ["bulgaria"]), ("Europe/Athens", ["greece"]), ("Asia/Nicosia", ["cyprus"]),
            ("Europe/Kyiv", ["kiev", "ukraine"]), ("Europe/Istanbul", ["turkey"]), ("Asia/Jerusalem", ["israel"]),
            ("Asia/Dubai", ["uae", "united arab emirates"]), ("Asia/Riyadh", ["saudi arabia"]),
            ("Asia/Karachi", ["pakistan"]), ("Asia/Kolkata", ["india", "delhi", "mumbai", "calcutta"]),
            ("Asia/Dhaka", ["bangladesh"]), ("Asia/Colombo", ["sri lanka"]), ("Asia/Bangkok", ["thailand"]),
            ("Asia/Singapore", []), ("Asia/Hong_Kong", []), ("Asia/Shanghai", ["china", "beijing"]),
            ("Asia/Manila", ["philippines"]), ("Asia/Tokyo", ["japan"]), ("Asia/Seoul", ["korea", "south korea"]),
            ("Australia/Perth", []), ("Australia/Brisbane", []), ("Australia/Sydney", ["canberra"]),
            ("Australia/Melbourne", []), ("Pacific/Auckland", ["new zealand", "wellington"]),
            ("Africa/Casablanca", ["morocco"]), ("Africa/Cairo", ["egypt"]), ("Africa/Accra", ["ghana"]),
            ("Africa/Lagos", ["nigeria"]), ("Africa/Nairobi", ["kenya"]),
            ("Africa/Johannesburg", ["south africa", "cape town"]), ("America/Sao_Paulo", ["brazil"]),
            ("America/Jamaica", []), ("America/Toronto", ["ottawa"]), ("America/Vancouver", []),
            ("America/New_York", ["new york city", "boston", "washington"]), ("America/Chicago", []),
            ("America/Denver", []), ("America/Los_Angeles", ["san francisco", "california"]), ("UTC", []),
        ]
    }
}
