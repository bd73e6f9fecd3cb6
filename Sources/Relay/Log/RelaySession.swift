/// How the relay's sessions differ from others'.
enum RelaySession {
    /// Settings of each session.
    ///
    /// Losing the last acknowledgements in a crash of the database only means to compare marks again, so commits need
    /// not wait for the disk. Reading is always by index: a plan that turns to scanning and sorting because statistics
    /// are out of date would read the whole log. The costs that this adds must not start the JIT compiler.
    static let settings = [
        "synchronous_commit": "off", "enable_seqscan": "off", "enable_bitmapscan": "off", "enable_sort": "off",
        "jit": "off",
    ]
}
