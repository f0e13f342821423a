// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Words

/// The files of one folder, read once at start and served from memory: no request opens a file.
///
/// `app.css` is served as `app.0f3a….css`, a name that changes with the content and may be cached forever, and under its own name, which
/// must be revalidated each time. If `app.css.br` or `app.css.gz` exist, clients that accept them get them. Nothing is compressed while it
/// is served.
public struct StaticFiles: Sendable {
    private struct File: Sendable {
        let variants: [ContentCoding: [UInt8]]
        let hash: String
        let contentType: String
        let isHashed: Bool

        /// Different bytes must have different tags, so each coding has its own (RFC 9110 8.8.3.3).
        func entityTag(_ coding: ContentCoding) -> String {
            coding == .identity ? "\"\(hash)\"" : "\"\(hash)-\(coding.rawValue)\""
        }
    }

    /// The path before the file names, such as `/assets`.
    public let prefix: String
    private var files: [String: File] = [:]
    private var hashedNames: [String: String] = [:]

    /// Reads all files below `directory`. Throws for a file that cannot be read or is larger than 4 MB.
    public init(directory: String, prefix: String) throws(FileError) {
        self.prefix = prefix
        let names = Set(try Files.list(directory))
        let packings: [(ending: String, coding: ContentCoding)] = [(".br", .brotli), (".gz", .gzip)]
        for name in names where !packings.contains(where: { name.hasSuffix($0.ending) && names.contains(String(name.dropLast(3))) }) {
            let content = try Files.read("\(directory)/\(name)", limit: 4 << 20)
            var variants = [ContentCoding.identity: content]
            for (ending, coding) in packings where names.contains(name + ending) {
                variants[coding] = try Files.read("\(directory)/\(name)\(ending)", limit: 4 << 20)
            }
            let hash = Self.hash(content)
            let hashed = Self.insert(hash, into: name)
            let type = Self.contentType(of: name)
            files[name] = File(variants: variants, hash: hash, contentType: type, isHashed: false)
            files[hashed] = File(variants: variants, hash: hash, contentType: type, isHashed: true)
            hashedNames[name] = hashed
        }
    }

    /// The address of a file for pages, such as `/assets/app.0f3a….css`; nil for an unknown name.
    public func address(of name: String) -> String? { hashedNames[name].map { "\(prefix)/\($0)" } }

    /// The response for `name`, a path relative to `prefix`. Throws 404 for an unknown name and 405 for a method that writes.
    public func respond(to request: Request, name: String) throws(HTTPError) -> Response {
        guard let file = files[name] else { throw HTTPError(.notFound, "There is no such file.") }
        guard request.method == .get || request.method == .head else { throw .methodNotAllowed(allow: [.get, .head]) }
        let coding = ContentCoding.best(of: Array(file.variants.keys), accepted: request.fields.all("Accept-Encoding"))
        let entityTag = file.entityTag(coding)
        var response: Response
        if request.fields.all("If-None-Match").contains(where: { EntityTag.ifNoneMatch($0, matches: entityTag) }) {
            response = .notModified(entityTag: entityTag)
        } else {
            response = Response(.ok, contentType: file.contentType, body: file.variants[coding] ?? [])
            response.fields.set("ETag", entityTag)
            if coding != .identity { response.fields.set("Content-Encoding", coding.rawValue) }
        }
        if file.variants.count > 1 { response.fields.set("Vary", "Accept-Encoding") }
        response.fields.set("Cache-Control", file.isHashed ? "public, max-age=31536000, immutable" : "no-cache")
        return response
    }

    /// 64 bits of FNV-1a with a final mix. It only distinguishes versions of our own files, so it need not resist attacks.
    private static func hash(_ content: [UInt8]) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in content { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        hash = (hash ^ hash >> 32) &* 0xD6E8_FEB8_6659_FD93
        hash ^= hash >> 32
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    private static func insert(_ hash: String, into name: String) -> String {
        let folderEnd = name.lastIndex(of: "/").map(name.index(after:)) ?? name.startIndex
        guard let dot = name[folderEnd...].lastIndex(of: ".") else { return "\(name).\(hash)" }
        return "\(name[..<dot]).\(hash)\(name[dot...])"
    }

    private static func contentType(of name: String) -> String {
        switch name.split(separator: ".").last.map(String.init) {
        case "css": "text/css; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        case "html": "text/html; charset=utf-8"
        case "txt": "text/plain; charset=utf-8"
        case "json": "application/json"
        case "svg": "image/svg+xml"
        case "png": "image/png"
        case "ico": "image/x-icon"
        case "woff2": "font/woff2"
        case "webmanifest": "application/manifest+json"
        default: "application/octet-stream"
        }
    }
}
