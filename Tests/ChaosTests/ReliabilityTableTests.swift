import Testing

@Suite struct ReliabilityTableTests {
    private let empty = "before\n\n<!-- table: written by `make chaos` -->\n<!-- end of table -->\nafter\n"

    @Test func aRowIsWrittenOnceAndInItsPlace() throws {
        let (first, second) = (Scenario.all[0].name, Scenario.all[1].name)
        var text = try ReliabilityTable.queue.text(empty, with: "| \(second) | 1 |", of: second, machine: "m1")
        text = try ReliabilityTable.queue.text(text, with: "| \(first) | 2 |", of: first, machine: "m2")
        text = try ReliabilityTable.queue.text(text, with: "| \(second) | 3 |", of: second, machine: "m3")
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| ") }
        #expect(rows.dropFirst() == ["| \(first) | 2 |", "| \(second) | 3 |"])
        #expect(text.hasPrefix("before\n\n<!-- table") && text.hasSuffix("<!-- end of table -->\nafter\n"))
        #expect(text.contains("`make chaos` on m3.") && !text.contains("m1"))
    }

    @Test func theDocumentHasAPlaceAndNothingElseOfItChanges() throws {
        let document = try ReliabilityTable.read(ReliabilityTable.path)
        let text = try ReliabilityTable.queue.text(document, with: "| new | 1 |", of: "new", machine: "m")
        #expect(text.contains("| new | 1 |"))
        #expect(text.prefix(200) == document.prefix(200) && text.suffix(200) == document.suffix(200))
    }

    @Test func theTablesDoNotMix() throws {
        let document = try ReliabilityTable.read(ReliabilityTable.path)
        let text = try ReliabilityTable.relays.text(document, with: "| other | 1 |", of: "other", machine: "m")
        let place = try #require(text.firstRange(of: "| other | 1 |"))
        let begin = try #require(text.firstRange(of: "<!-- table: written by `make chaos-relay` -->"))
        #expect(begin.lowerBound < place.lowerBound)
        #expect(text[..<begin.lowerBound] == document[..<begin.lowerBound])
    }

    @Test func aDocumentWithoutAPlaceIsRefused() {
        #expect(throws: (any Error).self) {
            try ReliabilityTable.queue.text("nothing", with: "| a |", of: "a", machine: "m")
        }
    }
}
