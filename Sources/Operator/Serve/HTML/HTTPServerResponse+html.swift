import Common
import NIOHTTP1

extension HTTPServerResponse {
    /// A page that nobody keeps, frames or lends its origin to.
    static func page(_ html: HTML, status: HTTPResponseStatus = .ok) -> HTTPServerResponse {
        .text(html.text, status: status, type: "text/html; charset=utf-8").guarded
    }

    /// On to another page of ours, which is asked for with GET.
    static func seeOther(_ path: String) -> HTTPServerResponse {
        HTTPServerResponse(status: .seeOther, headers: ["Location": path]).guarded
    }

    /// The same with the headers that every answer of the console has.
    ///
    /// Nothing is run or shown but what lies in the binary: no inline script or style, nothing from elsewhere. The
    /// referrer goes to our own pages only; with `no-referrer` browsers would hide a form's origin from us as well.
    var guarded: HTTPServerResponse {
        var response = self
        for (name, value) in Self.guards { response.headers.replaceOrAdd(name: name, value: value) }
        if !response.headers.contains(name: "Cache-Control") {
            response.headers.add(name: "Cache-Control", value: "no-store")
        }
        return response
    }

    private static let guards = [
        (
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
                + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        ),
        ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"), ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
    ]
}
