/// The id that follows one message through webhook, queue, worker, reply and event.
package struct CorrelationID: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    /// A new one: a random UUID.
    package init() { self.init(text: UUID.random().description) }

    /// Takes a caller's id if it is 1 to 128 printable ASCII characters, else makes a new one.
    package init(accepting given: String?) {
        if let given, (1...128).contains(given.utf8.count), given.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) {
            self.init(text: given)
        } else {
            self.init()
        }
    }

    private init(text: String) { self.text = text }

    package var description: String { text }
}
