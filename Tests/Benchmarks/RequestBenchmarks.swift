// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

@testable import HTTP

/// A browser's request, from its bytes to its end.
enum RequestBenchmarks {
    private static let request = Array(
        """
        GET /devices?sort=-seen HTTP/1.1\r
        Host: hub.example.org:8080\r
        User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r
        Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r
        Accept-Language: en-GB,en;q=0.5\r
        Accept-Encoding: gzip, deflate\r
        Connection: keep-alive\r
        Cookie: sid=0123456789abcdef0123456789abcdef; theme=dark\r
        \r\n
        """.utf8)

    static func run() {
        var parser = RequestParser()
        Measurement.of("parse a request of \(request.count) bytes") { count in
            var ended = 0
            for _ in 0..<count {
                var position = 0
                while let event = parser.parse(request.span, from: &position) {
                    if case .end = event { ended += 1 }
                }
            }
            precondition(ended == count)
            return ended
        }
    }
}
