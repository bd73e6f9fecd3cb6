import Common

extension MicroCase {
    private static let id = UUID.random()
    private static let time = Timestamp(microseconds: 1_795_427_000_123_456)
    private static let body = Array("Body=help&From=whatsapp%3A%2B447700900123".utf8)

    /// What a statement and a row cost here, without a server.
    static var database: [MicroCase] {
        let row = PostgresRow(
            columns: ["id", "sender", "verified_at", "fence", "is_opted_out", "raw"],
            texts: [
                id.description, "whatsapp:+447700900123", "2026-11-23 09:23:20.123456+00", "42", "f",
                "\\x" + body.hex,
            ])
        return [
            MicroCase("SQL: a statement with eight values") {
                use(
                    """
                    INSERT INTO inbound_messages (message_sid, sender, kind, raw, received_at, fence, correlation_id, outcome)
                    VALUES (\("SM0123456789abcdef0123456789abcdef"), \("whatsapp:+447700900123"), \("message"), \(body), \(time),
                            \(Int64(42)), \(id), \(JSONText(#"{"state":{"name":"menu"},"replies":[]}"#)))
                    """ as SQL)
            },
            MicroCase("SQL: a row of six columns") {
                use(try? row.column(0, as: UUID.self))
                use(try? row.column(1, as: String.self))
                use(try? row.column(2, as: Timestamp?.self))
                use(try? row.column(3, as: Int64.self))
                use(try? row.column(4, as: Bool.self))
                use(try? row.column(5, as: [UInt8].self))
            },
        ]
    }
}
