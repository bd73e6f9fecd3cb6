/// Series with one sample each, as remote write 1.0 wants them (https://prometheus.io/docs/specs/remote_write_spec/).
///
/// Labels are sorted by name, each name occurs once, and none is empty. What a series says itself comes before what all
/// of a process have.
package struct RemoteWriteSeries: MetricSink {
    /// What Prometheus takes for the end of a series: this very NaN.
    package static let staleMarker = Double(bitPattern: 0x7FF0_0000_0000_0002)

    private let common: [(name: String, value: String)]
    /// Of the samples, in milliseconds since 1970.
    private let time: Int64
    private let value: Double?
    /// Each a `TimeSeries`.
    package private(set) var series: [ProtobufMessage] = []

    /// `ends` says that every series ends here.
    package init(common: [(name: String, value: String)], time: Timestamp, ends: Bool = false) {
        self.common = common
        self.time = time.milliseconds
        value = ends ? Self.staleMarker : nil
    }

    package mutating func family(_ name: String, kind: String, help: String?) {}

    package mutating func sample(
        _ name: String, _ labels: SeriesLabels, extra: (name: String, value: String)?, _ value: Double
    ) {
        var all = labels.pairs
        if let extra { all.append(extra) }
        all.append(("__name__", name))
        for label in common where !all.contains(where: { $0.name == label.name }) { all.append(label) }
        var message = ProtobufMessage()
        for label in all.sorted(by: { $0.name < $1.name }) where !label.value.isEmpty {
            var pair = ProtobufMessage()
            pair.string(1, label.name)
            pair.string(2, label.value)
            message.message(1, pair)
        }
        var sample = ProtobufMessage()
        sample.double(1, self.value ?? value)
        sample.int64(2, time)
        message.message(2, sample)
        series.append(message)
    }

    /// A `WriteRequest` of some of the series, compressed.
    package static func request(_ series: some Sequence<ProtobufMessage>) -> [UInt8] {
        var request = ProtobufMessage()
        for series in series { request.message(1, series) }
        return Snappy.compressed(request.bytes)
    }
}
