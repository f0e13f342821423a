// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// Collects one line of a head. Only CRLF ends it. A lone CR or LF, and any control character except tab, is refused at once, because HTTP
/// servers disagree about where such lines end.
struct LineBuffer {
    enum Outcome {
        case more, whole, tooLong, malformed
    }

    /// The line so far, without CRLF.
    private(set) var bytes: [UInt8] = []
    private var seenCarriageReturn = false

    var isEmpty: Bool { bytes.isEmpty && !seenCarriageReturn }

    mutating func clear() {
        bytes.removeAll(keepingCapacity: true)
        seenCarriageReturn = false
    }

    /// Takes bytes from `position` to the end of the line.
    mutating func take(_ input: Span<UInt8>, from position: inout Int, limit: Int) -> Outcome {
        while position < input.count {
            let byte = input[position]
            position += 1
            if seenCarriageReturn {
                guard byte == .lineFeed else { return .malformed }
                seenCarriageReturn = false
                return .whole
            }
            if byte.isFieldValue {
                guard bytes.count < limit else { return .tooLong }
                bytes.append(byte)
            } else if byte == .carriageReturn {
                seenCarriageReturn = true
            } else {
                return .malformed
            }
        }
        return .more
    }
}
