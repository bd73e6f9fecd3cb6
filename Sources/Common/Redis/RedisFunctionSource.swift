/// The text of a library of functions that Redis runs.
///
/// Its first line is `#!lua name=…`, and a line `local REVISION = n` says how old it is; it registers a function that
/// answers this number. A newer revision keeps the names, arguments and replies of the older one's functions, since
/// processes of both releases call them while one replaces the other: an incompatible protocol gets new names.
package struct RedisFunctionSource: Sendable {
    /// The library as `FUNCTION LOAD` takes it.
    let library: [UInt8]
    let revision: Int
    /// The function that answers the revision.
    let revisionFunction: String

    /// Takes a text that is part of the product: one without a revision is a mistake in it.
    package init(_ library: [UInt8], revisionFunction: String) {
        let mark = "local REVISION = "
        let line = String(decoding: library, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix(mark) }
        guard let revision = line.flatMap({ Int($0.dropFirst(mark.count)) }) else {
            preconditionFailure("a library of functions without a revision")
        }
        self.library = library
        self.revision = revision
        self.revisionFunction = revisionFunction
    }

    /// The same text as a script, for a server that has no functions: the last argument names the one that is called.
    ///
    /// A script may not begin to write while Redis is full, but may go on: for a function with the flag `allow-oom` a
    /// deletion, which is always allowed, comes first.
    var script: [UInt8] {
        let body = library.drop { $0 != UInt8(ascii: "\n") }
        return Array(Self.prelude.utf8) + body + Array(Self.ending.utf8)
    }

    private static let prelude = """
        local server, functions = redis, {}
        local redis = setmetatable({ register_function = function(f, callback)
          if type(f) == 'table' then functions[f.function_name] = f else functions[f] = { callback = callback } end
        end }, { __index = server })
        """

    private static let ending = """

        local called = functions[table.remove(ARGV)]
        if not called then return server.error_reply('ERR Function not found') end
        for _, flag in ipairs(called.flags or {}) do
          if flag == 'allow-oom' then server.call('DEL', KEYS[1] .. 'none') end
        end
        return called.callback(KEYS, ARGV)
        """
}
