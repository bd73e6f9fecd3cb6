/// What `socket(2)` is asked for, with Linux' values (`include/linux/net.h`; other than on MIPS, they are the same everywhere).
///
/// Glibc has them in a header that belongs to no module, so whichever C library is read first owns `SOCK_STREAM`: an
/// optimised build of the whole target does not find it under Glibc.
enum SocketKind {
    static let stream: Int32 = 1
    static let nonBlocking: Int32 = 0o4000
    static let closeOnExec: Int32 = 0o2_000_000
}
