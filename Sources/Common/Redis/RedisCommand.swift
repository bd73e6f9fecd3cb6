/// A command, encoded where it is made: on the caller's thread, not on the reactor's.
///
/// Its arguments cannot be read back, so that they end in no log.
package struct RedisCommand: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    package let name: String
    /// RESP: an array of bulk strings.
    let encoded: [UInt8]
    /// Whether it is written right away, and what was given before it, and not at the end of the reactor's turn.
    ///
    /// Redis then works on it while the turn's other jobs run; it costs a write of its own.
    package var leavesAtOnce = false

    package init(_ name: String, _ arguments: [RedisArgument]) { self.init(name, pieces: [arguments]) }

    /// One whose arguments are in several pieces, so that nobody has to put them together.
    package init(_ name: String, pieces: [[RedisArgument]]) {
        self.name = name
        var bytes: [UInt8] = []
        var count = 1
        var room = 32 + name.utf8.count
        for arguments in pieces {
            count += arguments.count
            for argument in arguments { room += 16 + argument.estimatedCount }
        }
        bytes.reserveCapacity(room)
        bytes.append(UInt8(ascii: "*"))
        bytes.appendLine(count)
        bytes.appendBulk(name)
        for arguments in pieces {
            for argument in arguments { bytes.append(argument) }
        }
        encoded = bytes
    }

    package init(_ name: String, _ arguments: RedisArgument...) { self.init(name, arguments) }

    package var description: String { name }
    package var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}

extension RedisArgument {
    fileprivate var estimatedCount: Int {
        switch self {
        case .text(let text): text.utf8.count
        case .bytes(let bytes): bytes.count
        case .integer: 20
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ argument: RedisArgument) {
        switch argument {
        case .text(let text): appendBulk(text)
        case .integer(let number): appendBulk(String(number))
        case .bytes(let value):
            append(UInt8(ascii: "$"))
            appendLine(value.count)
            append(contentsOf: value)
            appendLineEnd()
        }
    }

    fileprivate mutating func appendBulk(_ text: String) {
        append(UInt8(ascii: "$"))
        appendLine(text.utf8.count)
        append(contentsOf: text.utf8)
        appendLineEnd()
    }

    fileprivate mutating func appendLine(_ number: Int) {
        append(contentsOf: String(number).utf8)
        appendLineEnd()
    }

    fileprivate mutating func appendLineEnd() {
        append(UInt8(ascii: "\r"))
        append(UInt8(ascii: "\n"))
    }
}
