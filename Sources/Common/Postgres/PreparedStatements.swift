/// A statement that one connection has prepared under a name of its own, or is about to have.
final class PreparedStatement {
    let text: String
    let name: String
    /// Whether the server has confirmed it; until then it is the business of the unit that prepares it alone.
    var isReady = false
    /// The names of its columns, known after its first use.
    var columns: [String]?
    fileprivate(set) var lastUse = 0

    init(text: String, name: String) {
        self.text = text
        self.name = name
    }
}

/// What one connection has prepared, by text; the one not used for longest makes room for a new one.
///
/// A statement is prepared within the first unit that uses it. If that unit fails before, the server skips the
/// preparation, so no other unit may rely on it: until it is confirmed, they send their text along instead.
struct PreparedStatements {
    private static let capacity = 256

    private var statements: [String: PreparedStatement] = [:]
    private var uses = 0
    private var names = 0

    /// The statement for `text`, if the connection has one, confirmed or not.
    mutating func find(_ text: String) -> PreparedStatement? {
        guard let statement = statements[text] else { return nil }
        uses += 1
        statement.lastUse = uses
        return statement
    }

    /// A new name for `text`, and the statement that was forgotten for it.
    mutating func add(_ text: String) -> (statement: PreparedStatement, evicted: PreparedStatement?) {
        var evicted: PreparedStatement?
        if statements.count >= Self.capacity {
            evicted = statements.values.filter(\.isReady).min { $0.lastUse < $1.lastUse }
            if let evicted { statements[evicted.text] = nil }
        }
        names += 1
        uses += 1
        let statement = PreparedStatement(text: text, name: "s\(names)")
        statement.lastUse = uses
        statements[text] = statement
        return (statement, evicted)
    }

    /// Drops a name that the server does not know, or knows in a way that no longer works.
    mutating func forget(_ statement: PreparedStatement) {
        if statements[statement.text] === statement { statements[statement.text] = nil }
    }
}
