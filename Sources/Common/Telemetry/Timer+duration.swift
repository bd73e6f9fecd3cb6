package import CoreMetrics

extension CoreMetrics.Timer {
    /// Records how long something took, to the microsecond.
    package func record(duration: Duration) { recordNanoseconds(duration.wholeMicroseconds * 1000) }
}
