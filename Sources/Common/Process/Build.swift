/// What this is a build of.
package enum Build {
    /// Semantic version of the service, the same for all of its processes; of an image with its commit, `0.1.0+3f2a…`.
    package static let version = "0.1.0" + (revision.isEmpty ? "" : "+" + revision)

    /// The commit, which the Dockerfile writes here before it builds; nothing in other builds.
    private static let revision = ""
}
