import Common
import NIOCore
import NIOHTTP1

/// The chat page itself: its files lie in the binary.
struct PageRoutes: Sendable {
    /// Nothing but the page's own scripts and styles; pictures may also be the ones in its style sheet.
    private static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    private static let files: [(path: String, type: String, bytes: [UInt8])] = [
        ("/", "text/html; charset=utf-8", PackageResources.index_html),
        ("/style.css", "text/css; charset=utf-8", PackageResources.style_css),
        ("/icon.svg", "image/svg+xml", PackageResources.icon_svg),
        ("/app.js", "text/javascript; charset=utf-8", PackageResources.app_js),
        ("/dom.js", "text/javascript; charset=utf-8", PackageResources.dom_js),
        ("/inside.js", "text/javascript; charset=utf-8", PackageResources.inside_js),
        ("/model.js", "text/javascript; charset=utf-8", PackageResources.model_js),
        ("/phone.js", "text/javascript; charset=utf-8", PackageResources.phone_js),
        ("/replies.js", "text/javascript; charset=utf-8", PackageResources.replies_js),
    ]

    func add(to router: inout Router) {
        // It depends on nothing: who can ask may go on.
        for path in ["/health", "/ready"] {
            router.on(.GET, path) { $0.eventLoop.makeSucceededFuture(.json(#"{"status":"healthy"}"#)) }
        }
        for file in Self.files {
            let response = HTTPServerResponse(
                status: .ok,
                headers: [
                    "Content-Type": file.type, "Content-Security-Policy": Self.policy, "Cache-Control": "no-store",
                    "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
                ], body: .bytes(file.bytes))
            router.on(.GET, file.path) { request in request.eventLoop.makeSucceededFuture(response) }
        }
    }
}
