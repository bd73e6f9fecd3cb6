/// What this is a build of.
package enum Build {
    /// Semantic version of the service, the same for all of its processes.
    package static let version = "0.1.0"
}
