import Common

@main struct RelayMain {
    static func main() async throws {}
}
