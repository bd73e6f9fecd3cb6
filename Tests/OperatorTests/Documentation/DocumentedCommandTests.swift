import Testing

/// The test of the pages can fail.
@Suite struct DocumentedCommandTests {
    @Test(arguments: [
        "operator dead show --sid …", "operator user export +447700900123 > export.json", "operator queue stats",
        ".build/release/operator migrate up", "operator --help", "operator dead replay",
        "DATABASE_URL=postgres://… operator migrate status --json | jq .",
    ]) func thisRuns(line: String) throws {
        let command = try #require(DocumentedCommand(line))
        #expect(command.complaint == nil)
    }

    @Test(arguments: [
        "operator dead shoe", "operator queue stats --wotch 2", "operator dead replay --since yesterwhen",
        "operator user erase --yes",
    ]) func thisDoesNot(line: String) throws {
        let command = try #require(DocumentedCommand(line))
        #expect(command.complaint != nil)
    }

    @Test(arguments: ["make run", "the operator dead list", "operators"]) func thisIsNone(line: String) {
        #expect(DocumentedCommand(line) == nil)
    }

    @Test func anchorsAreGitHubs() {
        let page = ProjectPage(path: "x.md", text: "# The `queue`, in full\n## A\n## A\n[b](#a-1)\n```\n# no\n```\n")
        #expect(page.anchors == ["the-queue-in-full", "a", "a-1"])
        #expect(page.links == ["#a-1"])
    }
}
