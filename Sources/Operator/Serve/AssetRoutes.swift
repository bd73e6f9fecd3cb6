import Common
import NIOHTTP1

/// The style sheet, the script and the icon: they lie in the binary.
struct AssetRoutes: Sendable {
    private static let files: [(path: String, type: String, bytes: [UInt8])] = [
        ("/console.css", "text/css; charset=utf-8", PackageResources.console_css),
        ("/console.js", "text/javascript; charset=utf-8", PackageResources.console_js),
        ("/icon.svg", "image/svg+xml", PackageResources.icon_svg),
    ]

    func add(to router: inout Router) {
        for file in Self.files {
            let tag = "\"\(SHA256.digest(of: file.bytes).prefix(8).hex)\""
            var response = HTTPServerResponse(
                status: .ok,
                // Kept, but asked about each time: a new release is seen at once.
                headers: ["Content-Type": file.type, "Cache-Control": "no-cache", "ETag": tag],
                body: .bytes(file.bytes)
            ).guarded
            response.headers.replaceOrAdd(name: "Cache-Control", value: "no-cache")
            let unchanged = HTTPServerResponse(status: .notModified, headers: ["ETag": tag])
            router.onSync(.GET, file.path) { [response] request in
                request.headers.first(name: "If-None-Match") == tag ? unchanged : response
            }
        }
        // For whoever starts and stops it: it depends on nothing.
        router.onSync(.GET, "/health") { _ in HTTPServerResponse.json(#"{"status":"healthy"}"#).guarded }
    }
}
