/// A small piece of the product's work, done again and again on the same realistic input.
package struct MicroCase: Sendable {
    package let name: String
    /// Does the work once.
    package let run: @Sendable () -> Void

    init(_ name: String, _ run: @escaping @Sendable () -> Void) {
        self.name = name
        self.run = run
    }

    /// All of them, in the order in which a message meets them.
    package static let all = ingest + conversation + database
}

/// Keeps the optimiser from finding out that a result is not needed.
@inline(never)
func use<T>(_ value: T) { withExtendedLifetime(value) {} }
