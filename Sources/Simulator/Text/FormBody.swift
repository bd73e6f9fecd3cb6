import Common

/// Form parameters in the order they stand, as `application/x-www-form-urlencoded` carries them.
struct FormBody: Hashable, Sendable {
    var pairs: [Parameter] = []

    /// A name and its value, both decoded.
    struct Parameter: Hashable, Sendable {
        let name: String
        let value: String
    }

    init(_ pairs: [(String, String)] = []) {
        self.pairs = pairs.map { Parameter(name: $0.0, value: $0.1) }
    }

    /// Reads a body or a query; nil when it is too long.
    init?(parsing bytes: [UInt8]) {
        guard let form = FormParameters(parsing: bytes) else { return nil }
        pairs = (0..<form.count).map { index in
            let (name, value) = form[index]
            return Parameter(
                name: String(decoding: name, as: UTF8.self), value: String(decoding: value, as: UTF8.self))
        }
    }

    /// The first value of that name.
    subscript(_ name: String) -> String? { pairs.first { $0.name == name }?.value }

    func all(_ name: String) -> [String] { pairs.filter { $0.name == name }.map(\.value) }

    mutating func add(_ name: String, _ value: String) { pairs.append(Parameter(name: name, value: value)) }

    /// What goes over the wire.
    var encoded: [UInt8] { FormParameters.encode(pairs.map { ($0.name, $0.value) }) }
}
