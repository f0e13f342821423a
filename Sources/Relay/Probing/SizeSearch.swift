// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// Finds the largest packet that passes a path in both directions. First tries the whole size, then all multiples of 64 bytes below it at
/// once, then the sizes between the largest of these and the next one. WireGuard pads packets to multiples of 16 bytes, so finer steps
/// would tell nothing.
///
/// A pure function of answers and time. Each echo has a number from 1 to 63, and `answered` has a bit for each.
struct SizeSearch {
    /// An echo to send.
    struct Echo: Equatable {
        var number: Int
        var byteCount: Int
    }

    private enum Phase { case whole, coarse, fine, over }

    /// The smallest size that is searched: every IPv4 host accepts it (RFC 791).
    static let least = 576
    private static let coarseStep = 64
    private static let fineStep = 16
    /// The numbers of the coarse and the fine echoes begin here.
    private static let (firstCoarse, firstFine) = (2, 40)
    /// Every echo of a phase is sent this often, because a packet may also be lost by chance.
    private static let attempts = 2

    let whole: Int
    /// How long to wait for the answers to an attempt.
    private let pause: Duration
    private var phase = Phase.whole
    private var attempt = 0
    private var nextAt: Instant
    private var echoes: [Echo]
    /// The largest size that passed; nil if even the least one did not.
    private(set) var largest: Int?

    /// `roundTrip` is that of a small packet.
    init(whole: Int, roundTrip: Duration, now: Instant) {
        self.whole = whole
        pause = min(max(roundTrip * 3, .milliseconds(120)), .milliseconds(400))
        nextAt = now
        echoes = [Echo(number: 1, byteCount: whole)]
    }

    var isOver: Bool { phase == .over }
    /// Whether the whole size passed. Known only when the search is over.
    var isWhole: Bool { largest == whole }

    /// Returns the echoes to send now; call it every few milliseconds. `answered` has a bit for each echo's number.
    mutating func proceed(answered: UInt64, now: Instant) -> [Echo] {
        while !isOver {
            let missing = echoes.filter { answered >> UInt64($0.number) & 1 == 0 }
            if !missing.isEmpty, now < nextAt { return [] }
            if !missing.isEmpty, attempt < Self.attempts {
                attempt += 1
                nextAt = now + pause
                return missing
            }
            finishPhase(echoes.filter { answered >> UInt64($0.number) & 1 == 1 }.map(\.byteCount).max(), now: now)
        }
        return []
    }

    private mutating func finishPhase(_ passed: Int?, now: Instant) {
        if let passed { largest = max(largest ?? 0, passed) }
        (attempt, nextAt) = (0, now)
        switch phase {
        case .whole where passed == nil:
            phase = .coarse
            echoes = sizes(from: Self.least, step: Self.coarseStep, below: whole, numbered: Self.firstCoarse)
        case .coarse:
            phase = .fine
            echoes =
                passed.map {
                    sizes(from: $0 + Self.fineStep, step: Self.fineStep, below: min($0 + Self.coarseStep, whole), numbered: Self.firstFine)
                } ?? []
        default: phase = .over
        }
        if echoes.isEmpty { phase = .over }
    }

    private func sizes(from first: Int, step: Int, below end: Int, numbered number: Int) -> [Echo] {
        stride(from: first, to: end, by: step).enumerated().map { Echo(number: number + $0, byteCount: $1) }
    }
}
