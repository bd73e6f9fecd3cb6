import Testing

@testable import Operator

/// Checks what a check makes of its facts: the levels in order, and words of each finding and its mend.
func expect(
    _ check: some DoctorCheck, _ levels: Finding.Level..., says words: String...,
    location: SourceLocation = #_sourceLocation
) {
    let findings = check.findings
    #expect(findings.map(\.level) == levels, sourceLocation: location)
    let text = findings.map { $0.text + " -> " + ($0.mend ?? "") }.joined(separator: "\n")
    for word in words { #expect(text.contains(word), "\(word) in \(text)", sourceLocation: location) }
    for finding in findings {
        let needsMend = finding.level == .warning || finding.level == .problem
        #expect((finding.mend != nil) == needsMend, "\(finding)", sourceLocation: location)
    }
}
