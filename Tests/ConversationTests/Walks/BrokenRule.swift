/// A rule that does not hold, and where in a walk.
struct BrokenRule: Error, CustomStringConvertible {
    var place: String
    var line: Int

    var description: String { "the rule in line \(line) of WalkRules.swift does not hold: \(place)" }
}

/// Throws a `BrokenRule` unless it holds.
///
/// Not an expectation of the test's: that a broken machine is noticed is no failure.
func require(_ holds: Bool, _ place: @autoclosure () -> String, line: Int = #line) throws(BrokenRule) {
    guard holds else { throw BrokenRule(place: place(), line: line) }
}
