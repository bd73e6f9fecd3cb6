/// The English names of months and weekdays, whole and as people shorten them.
enum CalendarWords {
    static let months: [String: Int] = [
        "january": 1, "jan": 1, "february": 2, "feb": 2, "febuary": 2, "march": 3, "mar": 3, "april": 4, "apr": 4,
        "may": 5, "june": 6, "jun": 6, "july": 7, "jul": 7, "august": 8, "aug": 8, "september": 9, "sep": 9,
        "sept": 9, "october": 10, "oct": 10, "november": 11, "nov": 11, "december": 12, "dec": 12,
    ]

    static let weekdays: [String: CivilDate.Weekday] = [
        "monday": .monday, "mon": .monday, "tuesday": .tuesday, "tues": .tuesday, "tue": .tuesday,
        "wednesday": .wednesday, "weds": .wednesday, "wed": .wednesday, "wensday": .wednesday,
        "wednsday": .wednesday, "thursday": .thursday, "thurs": .thursday, "thur": .thursday, "thu": .thursday,
        "thursdays": .thursday, "friday": .friday, "fri": .friday, "saturday": .saturday, "sat": .saturday,
        "sunday": .sunday, "sun": .sunday,
    ]

    private static let monthNames = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    static func shortName(ofMonth month: Int) -> String { monthNames[month - 1] }

    static func shortName(of weekday: CivilDate.Weekday) -> String {
        switch weekday {
        case .monday: "Mon"
        case .tuesday: "Tue"
        case .wednesday: "Wed"
        case .thursday: "Thu"
        case .friday: "Fri"
        case .saturday: "Sat"
        case .sunday: "Sun"
        }
    }
}
