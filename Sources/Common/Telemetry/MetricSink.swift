/// What takes all series of a registry, family by family: the page at /metrics, a request of remote write.
package protocol MetricSink {
    /// Begins a family; its samples follow.
    mutating func family(_ name: String, kind: String, help: String?)
    /// Takes one sample; `extra` is a label that only this sample of the series has, `le`.
    mutating func sample(
        _ name: String, _ labels: SeriesLabels, extra: (name: String, value: String)?, _ value: Double)
}

/// The labels of a series, sorted by name.
package struct SeriesLabels: Sendable {
    package let pairs: [(name: String, value: String)]
    /// As in the text format, escaped, without braces.
    package let text: String

    package static let none = SeriesLabels([])

    /// Cleans names; of the order given nothing is left.
    package init(_ dimensions: [(String, String)]) {
        pairs = dimensions.map { (name: $0.0.labelName, value: $0.1) }.sorted { $0.name < $1.name }
        text = pairs.map { "\($0.name)=\"\($0.value.labelValue)\"" }.joined(separator: ",")
    }
}
