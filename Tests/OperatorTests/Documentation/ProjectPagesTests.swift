import Common
import Foundation
import TestSupport
import Testing

/// What the pages lead to is there: files, headings, commands, variables and metrics.
@Suite struct ProjectPagesTests {
    /// What changed once need not be there any more.
    private static let ofToday = ProjectPage.all.filter { $0.path != "CHANGELOG.md" }

    @Test func thePagesAreFound() {
        let paths = Set(ProjectPage.all.map(\.path))
        #expect(paths.isSuperset(of: ["README.md", "CHANGELOG.md", "docs/runbook.md", "docs/architecture.md"]))
        #expect(ProjectPage.all.flatMap(\.links).count > 30)
        #expect(ProjectPage.all.flatMap(\.codes).compactMap(DocumentedCommand.init).count > 40)
    }

    @Test(arguments: ProjectPage.all) func linksLeadSomewhere(page: ProjectPage) {
        for link in page.links where !link.contains("://") && !link.hasPrefix("mailto:") {
            let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let folder = page.path.split(separator: "/").dropLast().joined(separator: "/")
            let target =
                parts[0].isEmpty ? page.path : Self.normal((folder.isEmpty ? "" : folder + "/") + parts[0])
            let there = FileManager.default.fileExists(atPath: ProjectPage.root + "/" + target)
            #expect(there, "\(page): \(link)")
            if parts.count == 2, target.hasSuffix(".md") {
                let anchors = ProjectPage.all.first { $0.path == target }?.anchors ?? []
                #expect(anchors.contains(parts[1]), "\(page): \(link)")
            }
        }
    }

    @Test(arguments: ofToday) func commandsAreThere(page: ProjectPage) {
        let makefile = textOfFile(ProjectPage.root + "/Makefile")
        for line in page.codes + page.fencedLines {
            if let command = DocumentedCommand(line) {
                #expect(command.complaint == nil, "\(page): \(line)")
            }
            for target in line.matches(of: /^make ([a-z-]+)$/).map(\.1) {
                #expect(makefile.contains("\n\(target):"), "\(page): \(line)")
            }
            for script in line.matches(of: /^(?:\.\/|bash )?(scripts\/[A-Za-z0-9._-]+)/).map(\.1) {
                let there = access(ProjectPage.root + "/" + script, X_OK) == 0
                #expect(there, "\(page): \(line)")
            }
        }
    }

    /// Tests and files are named by names that they have.
    @Test(arguments: ofToday) func filesAreThere(page: ProjectPage) {
        for code in page.codes {
            if code.wholeMatch(of: /[A-Z][A-Za-z]+Tests/) != nil {
                #expect(Self.testFiles.contains(code + ".swift"), "\(page): \(code)")
            }
            let isExample = code.contains("NNNN") || code.contains("VERSION")
            if !isExample,
                code.wholeMatch(of: /(Sources|Tests|Benchmarks|deploy|docs|migrations|scripts)\/[A-Za-z0-9_.\/-]+/)
                    != nil
            {
                let there = FileManager.default.fileExists(atPath: ProjectPage.root + "/" + code)
                #expect(there, "\(page): \(code)")
            }
        }
    }

    /// The last part of each path under Tests.
    private static let testFiles = Set(
        ((try? FileManager.default.subpathsOfDirectory(atPath: ProjectPage.root + "/Tests")) ?? [])
            .compactMap { $0.split(separator: "/").last.map(String.init) })

    /// Metrics in full; the endings are those that Prometheus puts behind a histogram's name.
    @Test(arguments: ofToday) func metricsAreOnes(page: ProjectPage) {
        let known = Set(MetricName.allCases.map(\.rawValue))
        for code in page.codes + page.fencedLines {
            for match in code.matches(of: /\bwhatsapp_[a-z_]*[a-z](?![a-z_.]*[.\/*])/).map({ String($0.0) })
            where match != "whatsapp_handler" {
                let base = match.replacing(/_(bucket|count|sum)$/, with: "")
                #expect(known.contains(match) || known.contains(base), "\(page): \(code)")
            }
        }
    }

    @Test(arguments: ofToday) func variablesAreRead(page: ProjectPage) {
        let example = textOfFile(ProjectPage.root + "/.env.example")
        let ours = [
            "TWILIO_", "REDIS_", "RELAY_", "QUEUE_", "WORKER_", "OTP_", "TERMS_", "LOKI_", "PG", "SIMULATOR_", "OTEL_",
            "OPERATOR_", "BACKFILL_", "METRICS_", "DATABASE_", "RETENTION_", "PUBLIC_", "TRUSTED_", "EVENTS_",
        ]
        for code in page.codes where !code.contains(" ") && ours.contains(where: { code.hasPrefix($0) }) {
            guard let name = code.prefixMatch(of: /[A-Z][A-Z0-9_]+[A-Z0-9]/).map({ String($0.0) }) else { continue }
            let rest = code.dropFirst(name.count)
            guard rest.isEmpty || rest.hasPrefix("="), !name.hasSuffix("_FILE") || name == "REDIS_TLS_CA_FILE" else {
                continue
            }
            #expect(example.contains("\n\(name)="), "\(page): \(code)")
        }
    }

    private static func normal(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return parts.joined(separator: "/")
    }
}
