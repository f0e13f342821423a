// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Testing

@testable import HTTP

struct `A form with files` {
    private func form(_ body: String, type: String = "multipart/form-data; boundary=edge") throws -> Form {
        let request = try Request(text: "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: \(type)\r\n\r\n", body: Array(body.utf8))
        return try Form(request, names: ["word"], lists: ["tag"], uploads: ["file"])
    }

    private static let whole = """
        --edge\r
        Content-Disposition: form-data; name="word"\r
        \r
        two\r
        lines\r
        --edge\r
        content-disposition: form-data; filename="a; name=x.db"; name="file"\r
        Content-Type: application/octet-stream\r
        \r
        \u{1}--edge\r
        -edge\r
        --edge\r
        Content-Disposition: form-data; name=tag\r
        \r
        b\r
        --edge--\r

        """

    @Test func `has the texts of its fields and the bytes of its files`() throws {
        let form = try form(Self.whole)
        #expect(form["word"] == "two\r\nlines")
        #expect(form.list("tag") == ["b"])
        #expect(form.upload("file").map(Array.init) == Array("\u{1}--edge\r\n-edge".utf8))
        #expect(form.upload("other") == nil)
    }

    @Test(arguments: ["multipart/form-data; boundary=\"edge\"", "multipart/form-data; charset=utf-8; Boundary=edge"])
    func `finds its boundary`(type: String) throws {
        #expect(try form(Self.whole, type: type)["word"] == "two\r\nlines")
    }

    @Test func `is refused wherever it is cut off`() {
        let bytes = Array(Self.whole.utf8)
        // The two dashes after the last boundary end it; what follows them does not count.
        for count in 0..<bytes.count - 2 {
            #expect(throws: HTTPError.self, "\(count)") { try form(String(decoding: bytes[..<count], as: UTF8.self)) }
        }
    }

    @Test(arguments: [
        ("multipart/form-data", "a\r\n"), ("multipart/form-data; boundary=", "--\r\n"), ("multipart/form-data; boundary=edge", "--other--"),
        ("multipart/form-data; boundary=edge", "--edge\r\nContent-Disposition: form-data\r\n\r\na\r\n--edge--"),
        ("multipart/form-data; boundary=edge", "--edge\r\n\r\na\r\n--edge--"),
    ])
    func `is refused without a boundary or a name`(type: String, body: String) {
        #expect(throws: HTTPError.self) { try form(body, type: type) }
    }

    @Test(arguments: [
        "--edge\r\nContent-Disposition: form-data; name=\"word\"\r\n\r\n\u{0}\r\n--edge--",
        "--edge\r\nContent-Disposition: form-data; name=\"nobody\"\r\n\r\na\r\n--edge--",
        String(repeating: "--edge\r\nContent-Disposition: form-data; name=\"word\"\r\n\r\na\r\n", count: 2) + "--edge--",
        String(repeating: "--edge\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\na\r\n", count: 2) + "--edge--",
        String(repeating: "--edge\r\nContent-Disposition: form-data; name=\"tag\"\r\n\r\na\r\n", count: 33) + "--edge--",
        "--edge\r\nContent-Disposition: form-data; name=\"word\"\r\n\r\n\(String(repeating: "a", count: 8_193))\r\n--edge--",
    ])
    func `obeys the rules of other forms`(body: String) {
        #expect(throws: HTTPError.self) { try form(body) }
    }

    @Test func `is accepted only where files are expected`() throws {
        let request = try Request(
            text: "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=edge\r\n\r\n", body: Array("--edge--".utf8))
        let error = #expect(throws: HTTPError.self) { try Form(request, names: []) }
        #expect(error?.status == .unsupportedMediaType)
    }
}
