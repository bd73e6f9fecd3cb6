import Common

/// A message is left for later, through no fault of its own.
struct TurnPause: Error, Hashable, CustomStringConvertible {
    var after: Duration

    var description: String { "left for later" }
}
