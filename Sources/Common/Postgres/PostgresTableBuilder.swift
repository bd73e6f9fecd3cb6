import CLibpq

/// Collects the rows of one statement as libpq hands them over, within limits.
struct PostgresTableBuilder {
    private var columns: [String] = []
    private var bytes: [UInt8] = []
    private var cells: [(start: Int, count: Int)] = []

    /// The bytes kept, with what is needed to find them.
    var size: Int { bytes.count + cells.count * 16 }

    /// Copies the rows of `result`, naming its columns `known` if those are given.
    mutating func add(_ result: OpaquePointer, known: [String]?) {
        let width = Int(PQnfields(result))
        if columns.count != width {
            if let known, known.count == width {
                columns = known
            } else {
                columns = (0..<Int32(width)).map { PQfname(result, $0).map { String(cString: $0) } ?? "" }
            }
        }
        for row in 0..<PQntuples(result) {
            for column in 0..<Int32(width) {
                guard PQgetisnull(result, row, column) == 0, let value = PQgetvalue(result, row, column) else {
                    cells.append((bytes.count, -1))
                    continue
                }
                let count = Int(PQgetlength(result, row, column))
                cells.append((bytes.count, count))
                value.withMemoryRebound(to: UInt8.self, capacity: count) {
                    bytes.append(contentsOf: UnsafeBufferPointer(start: $0, count: count))
                }
            }
        }
    }

    /// The result so far; `last` is libpq's closing word on the statement, with its tally.
    mutating func finish(_ last: OpaquePointer) -> PostgresResult {
        let table = PostgresTable(columns: columns, bytes: bytes, cells: cells)
        let affected = Int(String(cString: PQcmdTuples(last))) ?? 0
        self = PostgresTableBuilder()
        return PostgresResult(
            rows: (0..<table.rowCount).map { PostgresRow(table: table, index: $0) }, affected: affected)
    }

    /// The columns' names, to be remembered with the prepared statement.
    var names: [String] { columns }
}
