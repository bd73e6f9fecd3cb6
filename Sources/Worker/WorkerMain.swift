import Common

@main struct WorkerMain {
    static func main() async throws {}
}
