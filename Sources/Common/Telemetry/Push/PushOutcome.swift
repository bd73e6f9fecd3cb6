/// What became of one request that pushed something.
package enum PushOutcome: Hashable, Sendable {
    /// 2xx.
    case accepted
    /// 429 or 5xx, and after how long the other side wants to be asked again, if it says so.
    case busy(status: Int, retryAfter: Duration?)
    /// Any other status: the same request would be refused again.
    case refused(status: Int)
    /// There was no answer.
    case unanswered(HTTPError.Code)

    /// Judges an answer by its status and the text of its header `Retry-After`.
    package init(status: Int, retryAfter: String?) {
        switch status {
        case 200..<300: self = .accepted
        case 429, 500...: self = .busy(status: status, retryAfter: RetryAfter.wait(retryAfter))
        case _: self = .refused(status: status)
        }
    }

    /// For a log line; holds nothing of the request.
    var cause: String {
        switch self {
        case .accepted: "none"
        case .busy(let status, _), .refused(let status): "status \(status)"
        case .unanswered(let code): "\(code)"
        }
    }
}
