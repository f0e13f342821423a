// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import FuzzTargets

/// Inputs worth keeping, as files of hex digits: `Corpus/inner-packet-v6-hop-by-hop.hex` is for the target `inner-packet`.
/// White space is for the reader, and a `#` begins a comment.
enum Corpus {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Corpus")

    static func inputs(of target: FuzzTarget) throws -> [(name: String, bytes: [UInt8])] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            .filter { $0.hasPrefix(target.rawValue) && $0.hasSuffix(".hex") }
            .map { ($0, try bytes(ofHex: String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8))) }
    }

    struct NotHex: Error {
        let text: String
    }

    static func bytes(ofHex text: String) throws -> [UInt8] {
        let digits = text.split(separator: "\n").flatMap { $0.prefix { $0 != "#" } }.filter { !$0.isWhitespace }
        return try stride(from: 0, to: digits.count, by: 2).map { offset in
            let pair = String(digits[offset..<min(offset + 2, digits.count)])
            guard pair.count == 2, let byte = UInt8(pair, radix: 16) else { throw NotHex(text: pair) }
            return byte
        }
    }
}
