// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation

/// A response of the portal or the API.
struct HTTPAnswer {
    var status: Int
    /// Names in lower case.
    var headers: [String: String]
    var body: String

    /// Splits what `curl --include` prints. Interim answers (1xx) before the last one are left out.
    init(parsing text: String) throws {
        var rest = Substring(text)
        repeat {
            guard let end = rest.range(of: "\r\n\r\n") else { throw LabError("not an HTTP answer: \(text.prefix(500))") }
            let lines = rest[..<end.lowerBound].components(separatedBy: "\r\n")
            rest = rest[end.upperBound...]
            status = lines[0].split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
            headers = [:]
            for line in lines.dropFirst() {
                let parts = line.split(separator: ":", maxSplits: 1)
                headers[parts[0].lowercased()] = parts.count == 2 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
            }
        } while (100..<200).contains(status)
        body = String(rest)
    }
}

extension Namespace {
    /// One request with curl from inside the namespace. Redirects are not followed. `options` are more options of curl.
    func request(
        _ method: String, _ url: String, headers: [String] = [], body: String? = nil, cookies: URL? = nil, options: [String] = []
    ) throws -> HTTPAnswer {
        var words = ["curl", "--silent", "--show-error", "--include", "--max-time", "30", "--request", method] + options
        words += headers.flatMap { ["--header", $0] }
        if let cookies { words += ["--cookie", cookies.path, "--cookie-jar", cookies.path] }
        if body != nil { words += ["--data-binary", "@-"] }
        return try HTTPAnswer(parsing: expect(words + [url], input: body ?? ""))
    }
}
