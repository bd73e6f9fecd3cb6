/// A table that a narrow screen shows as a list: each cell carries its column's name.
struct Table: Sendable {
    struct Column: Sendable {
        let name: String
        /// Numbers, set flush right.
        var isNumber = false

        static func text(_ name: String) -> Column { Column(name: name) }
        static func number(_ name: String) -> Column { Column(name: name, isNumber: true) }
    }

    let caption: String
    let columns: [Column]
    /// The cells of each row.
    let rows: [[HTML]]
    /// The column that names the row.
    var head = 0
    /// Stays a table on a narrow screen: two or three short columns.
    var isCompact = false
    /// Shown in place of an empty table.
    var empty = "None."
    /// Whether the caption is shown, or only read out since a heading says the same.
    var showsCaption = false

    var html: HTML {
        guard !rows.isEmpty else { return #"<p class="none">\#(empty)</p>"# }
        let headings: [HTML] = columns.map { column in
            #"<th scope="col"\#(#" class="number""#, if: column.isNumber)>\#(column.name)</th>"#
        }
        let lines: [HTML] = rows.map { cells in
            "<tr>\(zip(cells, columns).enumerated().map { place, pair in cell(pair.0, pair.1, isHead: place == head) })</tr>"
        }
        let hidden: HTML = showsCaption ? "" : #" class="unseen""#
        let kind: HTML = isCompact ? #" class="compact""# : ""
        return
            "<table\(kind)><caption\(hidden)>\(caption)</caption><thead><tr>\(headings)</tr></thead><tbody>\(lines)</tbody></table>"
    }

    private func cell(_ content: HTML, _ column: Column, isHead: Bool) -> HTML {
        let number: HTML = column.isNumber ? #" class="number""# : ""
        return isHead
            ? #"<th scope="row" data-name="\#(column.name)"\#(number)>\#(content)</th>"#
            : #"<td data-name="\#(column.name)"\#(number)>\#(content)</td>"#
    }
}
