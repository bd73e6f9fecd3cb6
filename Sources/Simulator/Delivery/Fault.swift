import Common

/// Something that goes wrong on purpose, for the next `times` occasions.
struct Fault: Hashable, Sendable {
    enum Kind: String, CaseIterable, Sendable {
        /// The create call: answered 429, 500 or 503.
        case tooManyRequests, serverError, unavailable
        /// The create call: answered `seconds` late.
        case hang
        /// The create call: the connection ends without an answer.
        case reset
        /// A status callback: never made, made twice, or made after the one that follows it.
        case dropCallback, duplicateCallback, delayCallback
        /// The webhook that tells of a passenger's message: never made, nor its fallback.
        case dropWebhook
        /// The list of messages: answered 429 or 500.
        case listTooManyRequests, listServerError
        /// The list of messages: answered `seconds` late.
        case listHang
        /// A message: accepted, then not delivered, with `errorCode`.
        case undelivered

        /// Where it strikes.
        var place: Place {
            switch self {
            case .tooManyRequests, .serverError, .unavailable, .hang, .reset: .create
            case .dropCallback, .duplicateCallback, .delayCallback: .callback
            case .dropWebhook: .webhook
            case .listTooManyRequests, .listServerError, .listHang: .list
            case .undelivered: .delivery
            }
        }
    }

    enum Place: Hashable, Sendable { case create, callback, webhook, list, delivery }

    let kind: Kind
    /// How many more times.
    var times = 1
    /// Of `hang` and `listHang`: how long.
    var seconds = 35
    /// Of the create call's faults: whether the message was taken all the same.
    var accepts = false
    /// Of `undelivered`.
    var errorCode = 63016
    /// Of `tooManyRequests` and `listTooManyRequests`: the header of that name.
    var retryAfter: Int?

    var json: JSONValue {
        [
            "kind": .string(kind.rawValue), "times": .integer(times), "seconds": .integer(seconds),
            "accepts": .bool(accepts), "errorCode": .integer(errorCode), "retryAfter": .integer(retryAfter),
        ]
    }
}

/// The faults that are still to come, in the order they were asked for.
struct FaultScript: Sendable {
    static let limit = 100
    private(set) var pending: [Fault] = []

    /// Adds a fault; false when the script is full.
    mutating func add(_ fault: Fault) -> Bool {
        guard pending.count < Self.limit, fault.times > 0 else { return false }
        pending.append(fault)
        return true
    }

    mutating func clear() { pending = [] }

    /// The next fault for that place, used up by one time.
    mutating func take(_ place: Fault.Place) -> Fault? {
        guard let index = pending.firstIndex(where: { $0.kind.place == place }) else { return nil }
        let fault = pending[index]
        pending[index].times -= 1
        if pending[index].times == 0 { pending.remove(at: index) }
        return fault
    }
}
