// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

@testable import HTTP

/// The events of a parser for literal text, one per line, so that a test shows input and outcome side by side.
func transcript(of text: String, limits: Limits = Limits(), splitAt splits: [Int] = []) -> [String] {
    transcript(of: Array(text.utf8), limits: limits, splitAt: splits)
}

func transcript(of bytes: [UInt8], limits: Limits = Limits(), splitAt splits: [Int] = []) -> [String] {
    var parser = RequestParser(limits: limits)
    var lines: [String] = []
    var start = 0
    for end in splits.sorted() + [bytes.count] {
        let part = Array(bytes[start..<end])
        var position = 0
        while let event = parser.parse(part.span, from: &position) {
            switch event {
            case .head(let head): lines.append("\(head.method.rawValue) \(head.target.rawPath) \(head.framing)")
            case .end(let body): lines.append("end \(String(decoding: body, as: UTF8.self))")
            case .refused(let error): lines.append("\(error.status.code)")
            }
        }
        start = end
    }
    if parser.isInsideRequest, lines.last.map({ Int($0) == nil }) ?? true { lines.append("more") }
    return lines
}

/// The status with which a request is refused; nil if it is accepted.
func refusal(of text: String, limits: Limits = Limits()) -> Int? { transcript(of: text, limits: limits).last.flatMap { Int($0) } }

func refusal(of bytes: [UInt8], limits: Limits = Limits()) -> Int? { transcript(of: bytes, limits: limits).last.flatMap { Int($0) } }
