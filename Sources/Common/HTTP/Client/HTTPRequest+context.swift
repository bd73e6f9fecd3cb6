import NIOHTTP1

extension HTTPRequest {
    /// Has whom we ask know on whose behalf: `X-Correlation-ID` and `traceparent` of the task, as far as it has them.
    ///
    /// Only for those whom we trust with it: ids say nothing of a person, and lead to what our logs say.
    package mutating func carryContext() {
        if let id = LogContext.correlationID { headers.replaceOrAdd(name: "X-Correlation-ID", value: id.text) }
        if let trace = LogContext.trace { headers.replaceOrAdd(name: "traceparent", value: trace.text) }
    }
}
