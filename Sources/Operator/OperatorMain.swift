import Common

@main struct OperatorMain {
    static func main() async throws {}
}
