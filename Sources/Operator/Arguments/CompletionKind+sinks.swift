import ArgumentParser
import Common

extension CompletionKind {
    /// The names of sinks that there can be.
    static var sinks: CompletionKind { .list(RelayConfiguration.Sink.allCases.map(\.rawValue)) }
}
