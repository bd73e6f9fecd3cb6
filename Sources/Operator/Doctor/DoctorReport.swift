import Common

/// All that the doctor found.
struct DoctorReport: Sendable {
    /// A check's findings.
    struct Entry: Hashable, Sendable {
        var area: DoctorArea
        var check: String
        var finding: Finding
    }

    var entries: [Entry] = []

    mutating func add(_ area: DoctorArea, _ checks: [any DoctorCheck]) {
        for check in checks {
            entries += check.findings.map { Entry(area: area, check: type(of: check).name, finding: $0) }
        }
    }

    func count(_ level: Finding.Level) -> Int { entries.count { $0.finding.level == level } }

    /// Whether nothing is wrong; warnings are allowed.
    var isHealthy: Bool { count(.problem) == 0 }

    /// A line a finding, by area, with the way to mend it below.
    var text: String {
        let width = entries.map(\.check.count).max() ?? 0
        var lines: [String] = []
        for area in DoctorArea.allCases {
            let found = entries.filter { $0.area == area }
            if !found.isEmpty { lines.append(area.rawValue) }
            for entry in found {
                let level = entry.finding.level.rawValue
                lines.append(
                    "  \(level)\(spaces(9 - level.count))\(entry.check)\(spaces(width + 2 - entry.check.count))\(Output.printable(entry.finding.text))"
                )
                if let mend = entry.finding.mend {
                    lines.append("\(spaces(11 + width + 2))-> \(Output.printable(mend))")
                }
            }
        }
        lines.append(
            "\(count(.ok)) ok, \(count(.warning)) warnings, \(count(.problem)) problems, \(count(.skipped)) not looked at"
        )
        return lines.joined(separator: "\n")
    }

    private func spaces(_ count: Int) -> String { String(repeating: " ", count: max(1, count)) }

    var json: JSONValue {
        [
            "version": .string(Build.version), "at": .string(Timestamp.now.rfc3339), "healthy": .bool(isHealthy),
            "ok": .integer(count(.ok)), "warnings": .integer(count(.warning)), "problems": .integer(count(.problem)),
            "skipped": .integer(count(.skipped)),
            "checks": .array(
                entries.map { entry in
                    [
                        "area": .string(entry.area.rawValue), "check": .string(entry.check),
                        "level": .string(entry.finding.level.rawValue), "text": .string(entry.finding.text),
                        "mend": .string(entry.finding.mend),
                    ]
                }),
        ]
    }
}
