// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Support

/// Changes inputs as a fuzzer does; the same seed gives the same changes.
struct Mutator: RandomNumberGenerator {
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func next() -> UInt64 { generator.next() }

    /// Bytes at the limits of fields.
    private static let edges: [UInt8] = [0, 1, 4, 5, 0x0F, 0x3A, 0x40, 0x45, 0x60, 0x7F, 0x80, 0xFF, 10, 13, 32, 44, 47, 58, 61, 91, 93]

    /// One to four small changes: a flipped bit, an edge value, a cut, a repeated part, or a part of another input.
    mutating func change(_ input: [UInt8], with others: [[UInt8]]) -> [UInt8] {
        var bytes = input
        for _ in 0..<Int.random(in: 1...4, using: &self) {
            guard !bytes.isEmpty else { return [UInt8.random(in: 0...255, using: &self)] }
            let position = Int.random(in: 0..<bytes.count, using: &self)
            let end = Int.random(in: position...min(bytes.count, position + 64), using: &self)
            switch Int.random(in: 0..<6, using: &self) {
            case 0: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &self)
            case 1: bytes[position] = Self.edges.randomElement(using: &self)!
            case 2: bytes.removeSubrange(position..<end)
            case 3: bytes.insert(contentsOf: bytes[position..<end], at: position)
            case 4: bytes.removeSubrange(position...)
            default:
                let other = others.randomElement(using: &self)!
                bytes.replaceSubrange(position..<end, with: other.dropFirst(Int.random(in: 0...other.count, using: &self)).prefix(64))
            }
        }
        return Array(bytes.prefix(65_536))
    }
}
