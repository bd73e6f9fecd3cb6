import Foundation
import TestSupport

/// The pages in Markdown that the project has, and what is in them.
struct ProjectPage: Sendable, CustomStringConvertible {
    static let root = PythonProgram.root

    /// From the root of the project.
    let path: String
    let text: String

    var description: String { path }

    /// All pages but those of packages that were fetched.
    static let all: [ProjectPage] = {
        let folders = ["", "docs", "deploy", ".github"]
        let paths = folders.flatMap { folder -> [String] in
            let files = FileManager.default
            if folder.isEmpty { return (try? files.contentsOfDirectory(atPath: root)) ?? [] }
            return ((try? files.subpathsOfDirectory(atPath: root + "/" + folder)) ?? []).map { folder + "/" + $0 }
        }
        return paths.filter { $0.hasSuffix(".md") }.sorted()
            .map { ProjectPage(path: $0, text: textOfFile(root + "/" + $0)) }
    }()

    /// Text without fenced blocks.
    var prose: String {
        text.split(separator: "```", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset.isMultiple(of: 2) }.map { String($0.element) }.joined(separator: "\n")
    }

    /// Lines of fenced blocks, without a prompt.
    var fencedLines: [String] {
        text.split(separator: "```", omittingEmptySubsequences: false).enumerated()
            .filter { !$0.offset.isMultiple(of: 2) }
            .flatMap { $0.element.split(separator: "\n").dropFirst() }
            .map { $0.hasPrefix("$ ") ? String($0.dropFirst(2)) : String($0) }
    }

    /// What stands between single backquotes.
    var codes: [String] { prose.matches(of: /`([^`\n]+)`/).map { String($0.1) } }

    /// The targets of links and pictures.
    var links: [String] {
        prose.matches(of: /\]\(([^)\s]+)\)/).map { String($0.1) }
            + prose.matches(of: /(?:src|href)="([^"]+)"/).map { String($0.1) }
    }

    /// The anchors that a renderer of GitHub's makes of the headings, and those set by hand.
    var anchors: Set<String> {
        var seen: [String: Int] = [:]
        var anchors = Set(prose.matches(of: /<a (?:id|name)="([^"]+)"/).map { String($0.1) })
        for line in prose.split(separator: "\n") where line.hasPrefix("#") {
            let title = line.drop { $0 == "#" }.drop { $0 == " " }
            let plain = title.replacing(/\[([^\]]*)\]\([^)]*\)/) { $0.1 }
            let anchor = String(
                plain.lowercased().filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_" }
                    .map { $0 == " " ? "-" : $0 })
            let count = seen[anchor, default: 0]
            seen[anchor] = count + 1
            anchors.insert(count == 0 ? anchor : "\(anchor)-\(count)")
        }
        return anchors
    }
}
