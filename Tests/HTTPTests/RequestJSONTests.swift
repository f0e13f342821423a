// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Testing
import Words

@Suite struct `A body of JSON` {
    @Test func `of a request needs its content type`() throws {
        let head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Type:"
        #expect(try Request(text: "\(head) application/json\r\n\r\n", body: Array("1".utf8)).json() == 1)
        let form = try Request(text: "\(head) text/plain\r\n\r\n", body: Array("1".utf8))
        #expect(throws: HTTPError.self) { try form.json() }
    }
}
