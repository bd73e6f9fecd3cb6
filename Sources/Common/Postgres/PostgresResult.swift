/// What one statement gave back.
package struct PostgresResult: Sendable, CustomStringConvertible, CustomReflectable {
    package let rows: [PostgresRow]
    /// Rows inserted, changed or deleted, or selected.
    package let affected: Int

    package var description: String { "\(rows.count) row(s), \(affected) affected" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// One row; its columns are read by place, from 0, or by name.
package struct PostgresRow: Sendable, CustomStringConvertible, CustomReflectable {
    @usableFromInline let table: PostgresTable
    @usableFromInline let index: Int

    init(table: PostgresTable, index: Int) {
        self.table = table
        self.index = index
    }

    /// A row made by hand, of cells in PostgreSQL's text form, nil for null: for what needs no server.
    package init(columns: [String], texts: [String?]) {
        var bytes: [UInt8] = []
        var cells: [(start: Int, count: Int)] = []
        for text in texts {
            cells.append((bytes.count, text?.utf8.count ?? -1))
            bytes += text.map { Array($0.utf8) } ?? []
        }
        self.init(table: PostgresTable(columns: columns, bytes: bytes, cells: cells), index: 0)
    }

    package var columns: [String] { table.columns }

    /// The column at `index`; throws `.undecodable` when it is not a `T`.
    ///
    /// A null is only an `Optional`. Inlinable, so that it is made for each type where it is called: looking up what an
    /// `Optional<T>` is would take longer than reading the cell.
    @inlinable
    package func column<T: PostgresDecodable>(_ index: Int, as type: T.Type = T.self) throws(PostgresError) -> T {
        guard table.columns.indices.contains(index) else {
            throw PostgresError(.undecodable, "the row has \(table.columns.count) columns, none at \(index)")
        }
        guard let value = table.withCell(row: self.index, column: index, { T.decode($0) }) else {
            throw PostgresError(.undecodable, "column \"\(table.columns[index])\" cannot be read as \(T.self)")
        }
        return value
    }

    /// The column called `name`; throws `.undecodable` when there is none or it is not a `T`.
    @inlinable
    package func column<T: PostgresDecodable>(_ name: String, as type: T.Type = T.self) throws(PostgresError) -> T {
        guard let index = table.columns.firstIndex(of: name) else {
            throw PostgresError(.undecodable, "the row has no column \"\(name)\"")
        }
        return try column(index)
    }

    package var description: String { "row of \(table.columns.joined(separator: ", "))" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// The cells of one result, one after the other in one piece of memory.
@usableFromInline
final class PostgresTable: Sendable {
    @usableFromInline let columns: [String]
    @usableFromInline let bytes: [UInt8]
    /// Where each cell starts and how long it is, -1 for null; row after row.
    @usableFromInline let cells: [(start: Int, count: Int)]

    init(columns: [String], bytes: [UInt8], cells: [(start: Int, count: Int)]) {
        self.columns = columns
        self.bytes = bytes
        self.cells = cells
    }

    var rowCount: Int { columns.isEmpty ? 0 : cells.count / columns.count }

    @inlinable
    func withCell<R>(row: Int, column: Int, _ body: (UnsafeBufferPointer<UInt8>?) -> R) -> R {
        let cell = cells[row * columns.count + column]
        guard cell.count >= 0 else { return body(nil) }
        return bytes.withUnsafeBufferPointer {
            body(UnsafeBufferPointer(rebasing: $0[cell.start..<cell.start + cell.count]))
        }
    }
}
