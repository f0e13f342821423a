// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// Bytes that wait to be written, as whole arrays: the heads and bodies of responses.
struct OutputQueue {
    private var parts: [[UInt8]] = []
    /// Bytes of the first part that are already written.
    private var written = 0
    private let share: QueuedBytes.Share

    init(_ total: QueuedBytes) { share = total.share() }

    /// The number of bytes not yet written.
    var count: Int { share.count }

    var isEmpty: Bool { parts.isEmpty }

    mutating func append(_ part: [UInt8]) {
        guard !part.isEmpty else { return }
        parts.append(part)
        share.add(part.count)
    }

    /// Passes the first two parts to `write`, which returns how many bytes it took, and removes those bytes.
    mutating func write<Failure: Error>(
        with write: (Span<UInt8>, Span<UInt8>) throws(Failure) -> Int?
    ) throws(Failure) -> Int? {
        guard let first = parts.first else { return 0 }
        let second = parts.count > 1 ? parts[1] : []
        let count = try write(first.span.extracting(written..<first.count), second.span)
        if let count { advance(count) }
        return count
    }

    private mutating func advance(_ count: Int) {
        written += count
        share.add(-count)
        while let first = parts.first, written >= first.count {
            written -= first.count
            parts.removeFirst()
        }
    }
}
