/// Something that pushes until it is told to finish, as `ServiceProcess` runs it around all services.
///
/// What services say while they stop, and the last line of all, is pushed as well.
package protocol Pushing: Sendable {
    /// Pushes until `finish()` was called and what was left then is pushed, or until the time for that is over.
    func run() async
    /// Begins the last flush; safe to call twice, and before `run()`.
    nonisolated func finish()
}
