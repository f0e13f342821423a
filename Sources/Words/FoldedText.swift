// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// A text for case-insensitive search. Works on UTF-8 bytes: a match of whole byte sequences is a match of whole characters.
public struct FoldedText: Sendable {
    private let bytes: [UInt8]

    /// `text` in lower case, as bytes.
    public init(_ text: String) { bytes = Self.fold(text) }

    /// True for an empty text, which is part of every text.
    public var isEmpty: Bool { bytes.isEmpty }

    /// True if `text` contains this text.
    public func isPart(of text: String) -> Bool { isPart(of: Self.fold(text)) }

    /// The same for a text that is already folded.
    public func isPart(of folded: [UInt8]) -> Bool {
        guard let first = bytes.first else { return true }
        guard bytes.count <= folded.count else { return false }
        var start = 0
        while start <= folded.count - bytes.count {
            if folded[start] == first, isAt(start, of: folded) { return true }
            start += 1
        }
        return false
    }

    /// True if a text that is already folded begins with this text.
    public func isStart(of folded: [UInt8]) -> Bool { bytes.isEmpty || folded.starts(with: bytes) }

    private func isAt(_ start: Int, of folded: [UInt8]) -> Bool {
        var offset = 1
        while offset < bytes.count {
            guard folded[start + offset] == bytes[offset] else { return false }
            offset += 1
        }
        return true
    }

    /// The bytes of `text` in lower case. Most texts are ASCII and need no table.
    public static func fold(_ text: String) -> [UInt8] {
        text.utf8.allSatisfy { $0 < 0x80 } ? text.utf8.map { (65...90).contains($0) ? $0 | 0x20 : $0 } : Array(text.lowercased().utf8)
    }
}
