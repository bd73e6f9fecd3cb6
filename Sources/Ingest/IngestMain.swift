import Common

@main struct IngestMain {
    static func main() async throws {}
}
