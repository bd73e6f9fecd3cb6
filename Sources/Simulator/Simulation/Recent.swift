/// The last few of something, oldest first.
struct Recent<Element: Sendable>: Sendable {
    private let limit: Int
    private(set) var all: [Element] = []

    init(_ limit: Int) { self.limit = limit }

    mutating func add(_ element: Element) {
        all.append(element)
        if all.count > limit { all.removeFirst(max(1, limit / 4)) }
    }
}
