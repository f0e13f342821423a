// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// A text to search for without regard to case.
struct FoldedText {
    private let scalars: [Unicode.Scalar]

    init(_ text: String) { scalars = Self.fold(text) }

    var isEmpty: Bool { scalars.isEmpty }

    func isPart(of text: String) -> Bool {
        let other = Self.fold(text)
        guard scalars.count <= other.count else { return false }
        return (0...other.count - scalars.count).contains { start in other[start...].starts(with: scalars) }
    }

    private static func fold(_ text: String) -> [Unicode.Scalar] { Array(text.lowercased().unicodeScalars) }
}
