import Common
import Conversation

/// A claim as the database has it.
struct StoredClaim: Hashable, Sendable {
    var id: UUID
    /// What its passenger is shown.
    var status: Conversation.Claiming.Status
    /// When the evaluation that counts was made; nil while there is none.
    var evaluatedAt: Timestamp?
    var createdAt: Timestamp

    /// Which claim a message or an event is about, beside the newest.
    enum Sought: Hashable, Sendable {
        case reference(String?)
        case id(UUID)
    }

    /// More are not read: STATUS shows fewer.
    private static let most = 10

    /// The newest claims of the user that `owner` selects, and the one that is sought, however old.
    static func select(of owner: SQL, _ sought: Sought) -> SQL {
        let (reference, id): (String?, UUID?) =
            switch sought {
            case .reference(let reference): (reference, nil)
            case .id(let id): (nil, id)
            }
        return """
            SELECT id, reference, origin_crs, destination_crs, scheduled_departure, status, compensation_pence,
                   evaluated_at, created_at
              FROM claims WHERE user_id = (\(sql: owner))
             ORDER BY (reference = \(reference) OR id = \(id)) DESC NULLS LAST, created_at DESC, id DESC LIMIT \(most)
            """
    }

    /// The claims of `rows`, newest first; without those in a state that only a later release knows.
    static func newestFirst(_ rows: [PostgresRow]) throws(PostgresError) -> [StoredClaim] {
        var claims: [StoredClaim] = []
        for row in rows {
            if let claim = try StoredClaim(row) { claims.append(claim) }
        }
        return claims.sorted { ($1.createdAt, $1.id.bytes.hex) < ($0.createdAt, $0.id.bytes.hex) }
    }

    init(id: UUID, status: Conversation.Claiming.Status, evaluatedAt: Timestamp?, createdAt: Timestamp) {
        self.id = id
        self.status = status
        self.evaluatedAt = evaluatedAt
        self.createdAt = createdAt
    }

    private init?(_ row: PostgresRow) throws(PostgresError) {
        guard let progress = Conversation.Claiming.Progress(rawValue: try row.column(5)) else { return nil }
        let departure: Timestamp = try row.column(4)
        self.init(
            id: try row.column(0),
            status: .init(
                reference: try row.column(1), origin: try row.column(2), destination: try row.column(3),
                date: LondonTime.local(atSecondsSince1970: Int(departure.seconds)).date, progress: progress,
                compensation: try row.column(6)),
            evaluatedAt: try row.column(7), createdAt: try row.column(8))
    }
}
