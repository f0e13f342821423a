// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import HTTP
import Testing

struct `Static files` {
    private let files: StaticFiles

    init() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hairpin-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder.appendingPathComponent("icons"), withIntermediateDirectories: true)
        try Data("body{}".utf8).write(to: folder.appendingPathComponent("app.css"))
        try Data("<svg/>".utf8).write(to: folder.appendingPathComponent("icons/x.min.svg"))
        for (name, text) in [("app.js", "code"), ("app.js.gz", "gzipped"), ("app.js.br", "brotli"), ("alone.gz", "archive")] {
            try Data(text.utf8).write(to: folder.appendingPathComponent(name))
        }
        files = try StaticFiles(directory: folder.path, prefix: "/assets")
    }

    private func get(_ name: String, _ fields: String = "", method: String = "GET") throws -> Response {
        try files.respond(to: try Request(text: "\(method) / HTTP/1.1\r\nHost: h\r\n\(fields)\r\n"), name: name)
    }

    private var hashed: String { files.address(of: "app.css").map { String($0.dropFirst("/assets/".count)) } ?? "" }

    @Test func `have an address with a hash of their content`() {
        #expect(files.address(of: "app.css")?.wholeMatch(of: /\/assets\/app\.[0-9a-f]{16}\.css/) != nil)
        #expect(files.address(of: "icons/x.min.svg")?.wholeMatch(of: /\/assets\/icons\/x\.min\.[0-9a-f]{16}\.svg/) != nil)
        #expect(files.address(of: "none.css") == nil)
    }

    @Test func `may be cached forever at that address, and must be revalidated at their own`() throws {
        let kept = try get(hashed), asked = try get("app.css")
        #expect(kept.fields["Cache-Control"] == "public, max-age=31536000, immutable")
        #expect(kept.fields["Content-Type"] == "text/css; charset=utf-8")
        #expect(asked.fields["Cache-Control"] == "no-cache")
        #expect(asked.fields["ETag"] == kept.fields["ETag"])
    }

    @Test func `are not sent again to a client that has them`() throws {
        let tag = try #require(try get("app.css").fields["ETag"])
        for value in [tag, "W/\(tag)", "\"x\", \(tag)", "*"] {
            let response = try get("app.css", "If-None-Match: \(value)\r\nIf-Modified-Since: junk\r\n")
            #expect(response.status == .notModified)
            #expect(response.fields["ETag"] == tag)
            #expect(response.fields["Cache-Control"] == "no-cache")
        }
        #expect(try get("app.css", "If-None-Match: \"x\"\r\n").status == .ok)
    }

    @Test func `are not found by any other name`() {
        for name in ["", "icons", "app.0000000000000000.css", "../app.css", "/app.css"] {
            #expect(throws: HTTPError(.notFound, "There is no such file.")) { try get(name) }
        }
    }

    @Test(
        arguments: [
            ("", "code"), ("gzip, deflate, br", "brotli"), ("gzip", "gzipped"), ("br;q=0.5, gzip;q=0.8", "gzipped"), ("GZIP;Q=1", "gzipped"),
            ("br;q=0, gzip;q=0", "code"), ("*", "brotli"), ("*;q=0.1, gzip", "gzipped"), ("identity", "code"), ("identity, gzip;q=0.5", "code"),
            ("identity;q=0, gzip", "gzipped"), ("*;q=0", "code"), ("gzip;q=junk", "code"), ("gzip;q=1.0001", "code"), ("deflate, zstd", "code"),
            ("br;q=0.001", "brotli"), ("x-gzip", "gzipped"), (",;,", "code"),
        ])
    func `are sent in the compression that the client prefers`(accepted: String, text: String) throws {
        let response = try get("app.js", accepted.isEmpty ? "" : "Accept-Encoding: \(accepted)\r\n")
        guard case .bytes(let body) = response.body else { return #expect(Bool(false)) }
        #expect(String(decoding: body, as: UTF8.self) == text)
        #expect(response.fields["Content-Encoding"] == ["brotli": "br", "gzipped": "gzip"][text])
        #expect(response.fields["Vary"] == "Accept-Encoding")
        #expect(response.fields["Content-Type"] == "text/javascript; charset=utf-8")
    }

    @Test func `have an entity tag for each compression`() throws {
        let plain = try #require(try get("app.js").fields["ETag"]), packed = try #require(try get("app.js", "Accept-Encoding: br\r\n").fields["ETag"])
        #expect(plain != packed)
        let again = try get("app.js", "Accept-Encoding: br\r\nIf-None-Match: \(packed)\r\n")
        #expect(again.status == .notModified)
        #expect(again.fields["Vary"] == "Accept-Encoding")
        #expect(try get("app.js", "Accept-Encoding: br\r\nIf-None-Match: \(plain)\r\n").status == .ok)
    }

    @Test func `that are compressed variants have no address of their own, unless the original is missing`() throws {
        #expect(throws: HTTPError.self) { try get("app.js.gz") }
        #expect(try get("alone.gz").status == .ok)
        #expect(try get("app.css").fields["Vary"] == nil)
    }

    @Test func `can only be read`() {
        #expect(throws: HTTPError.methodNotAllowed(allow: [.get, .head])) { try get("app.css", method: "POST") }
    }
}

struct `An entity tag` {
    @Test func `matches strongly for writing and weakly for reading`() {
        #expect(EntityTag.ifMatch("\"a\", \"b\"", matches: "\"b\""))
        #expect(!EntityTag.ifMatch("W/\"b\"", matches: "\"b\""))
        #expect(EntityTag.ifMatch("*", matches: "\"b\""))
        #expect(EntityTag.ifNoneMatch("W/\"b\"", matches: "\"b\""))
        #expect(!EntityTag.ifNoneMatch("b, \"b", matches: "\"b\""))
    }

    @Test func `has no quotes or spaces inside`() {
        #expect(EntityTag.strong("7-a") == "\"7-a\"")
        #expect(EntityTag.strong("a\"b") == nil)
    }
}
