import FoundationEssentials

/// What `GET /api/load` answers.
struct LoadReport: Decodable, Sendable {
    struct Load: Decodable, Sendable {
        struct Latencies: Decodable, Sendable {
            var p50: Int
            var p99: Int
            var max: Int
        }
        var isRunning: Bool
        var sent: Int
        var underWay: Int
        var accepted: Int
        var tries: Int
        var webhookMicroseconds: Latencies
        var replyMicroseconds: Latencies
    }

    var load: Load
    var deliveriesUnderWay: Int

    init(json: [UInt8]) throws { self = try JSONDecoder().decode(Self.self, from: Data(json)) }

    var isOver: Bool { !load.isRunning && load.underWay == 0 && deliveriesUnderWay == 0 }
}
