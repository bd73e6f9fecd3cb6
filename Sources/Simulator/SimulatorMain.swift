import Common

@main struct SimulatorMain {
    static func main() async throws {}
}
