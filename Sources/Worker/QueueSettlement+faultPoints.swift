import Common

extension QueueSettlement {
    /// The places around the call that settles it.
    var faultPoints: (before: FaultPoint, after: FaultPoint) {
        switch next {
        case .ready, .release: (.beforeSettle, .afterSettle)
        case .park: (.beforePark, .afterPark)
        case .retry: (.beforeRetry, .afterRetry)
        }
    }
}
