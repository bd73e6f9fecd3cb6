import Glibc

/// Finds and reads the files of `migrations/`: `NNNN_name.up.sql` and `NNNN_name.down.sql`.
package enum MigrationFolder {
    private static let maximumFile = 4 << 20

    /// Reads `MIGRATIONS_DIR`, the folder to use when none is given on the command line.
    package static func given(by values: inout ConfigurationValues) -> String? {
        values.optionalString("MIGRATIONS_DIR", expected: "the path of a folder", where: isFolder)
    }

    /// The folder to use: the one given, else `migrations` here or in a folder above the executable.
    ///
    /// Above, for a build in `.build/debug` finds its sources' folder, and `/app/bin/operator` finds `/app/migrations`.
    package static func find(given: String? = nil) throws(MigrationError) -> String {
        if let given {
            guard isFolder(given) else { throw .folder("there is no folder \(given)") }
            return given
        }
        if isFolder("migrations") { return "migrations" }
        var folder = executable
        while let slash = folder.lastIndex(of: "/") {
            folder = String(folder[..<slash])
            if isFolder(folder + "/migrations") { return folder + "/migrations" }
        }
        throw .folder("found no folder called migrations here or above \(executable)")
    }

    /// The migrations in `folder`, in order; throws when a file is misnamed, lacks its counterpart or repeats a number.
    package static func read(_ folder: String) throws(MigrationError) -> [Migration] {
        var halves: [Int: [Half]] = [:]
        for name in try entries(folder) where name.hasSuffix(".sql") {
            let half = try Half(name)
            halves[half.version, default: []].append(half)
        }
        var migrations: [Migration] = []
        for (version, files) in halves.sorted(by: { $0.key < $1.key }) {
            let names = files.map(\.file).sorted().joined(separator: ", ")
            guard files.count == 2, let up = files.first(where: \.isUp), let down = files.first(where: { !$0.isUp }),
                up.name == down.name
            else { throw .folder("\(folder): version \(version) needs one .up.sql and one .down.sql, has \(names)") }
            let upFile = Migration.File(name: up.file, bytes: try bytes(folder + "/" + up.file))
            let downFile = Migration.File(name: down.file, bytes: try bytes(folder + "/" + down.file))
            for file in [upFile, downFile] {
                if let word = SQLScript.firstTransactionControl(in: file.sql) {
                    throw .controlsTransaction(file.name, word)
                }
            }
            migrations.append(Migration(version: version, name: up.name, up: upFile, down: downFile))
        }
        guard !migrations.isEmpty else { throw .folder("\(folder) holds no migrations") }
        return migrations
    }

    private struct Half {
        let file: String
        let version: Int
        let name: String
        let isUp: Bool

        init(_ file: String) throws(MigrationError) {
            self.file = file
            isUp = file.hasSuffix(".up.sql")
            let stem = file.dropLast(isUp ? 7 : 9)
            let digits = stem.prefix { $0.isASCII && $0.isNumber }
            let name = stem.dropFirst(digits.count + 1)
            guard isUp || file.hasSuffix(".down.sql"), digits.count == 4, let version = Int(digits), version > 0,
                stem.dropFirst(4).first == "_", !name.isEmpty,
                name.utf8.allSatisfy({ $0 == UInt8(ascii: "_") || ($0 >= 48 && $0 < 58) || ($0 >= 97 && $0 < 123) })
            else { throw .folder("\(file) is not named like 0001_name.up.sql or 0001_name.down.sql") }
            self.version = version
            self.name = String(name)
        }
    }

    private static var executable: String {
        [UInt8](unsafeUninitializedCapacity: 4096) { buffer, filled in
            filled = buffer.baseAddress.map { max(0, readlink("/proc/self/exe", $0, buffer.count)) } ?? 0
        }.text
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private static func entries(_ folder: String) throws(MigrationError) -> [String] {
        guard let directory = opendir(folder) else { throw .folder("cannot open the folder \(folder)") }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            names.append(
                withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
        }
        return names.sorted()
    }

    private static func bytes(_ path: String) throws(MigrationError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .folder("cannot read \(path)") }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count >= 0, bytes.count + count <= maximumFile else {
                throw .folder("cannot read \(path), or it is larger than \(maximumFile >> 20) MiB")
            }
            if count == 0 { return bytes }
            bytes += buffer.prefix(count)
        }
    }
}

extension [UInt8] {
    fileprivate var text: String { String(decoding: self, as: UTF8.self) }
}
