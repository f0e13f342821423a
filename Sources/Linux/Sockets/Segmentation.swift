// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

extension UDPSocket {
    /// How one thread's sends use segmentation and wait for room; it adapts to the kernel's errors.
    ///
    /// Refusals are in a table of fixed size, and nothing scans it: a refusal replaces another one in the same place. The receiver that
    /// lost its place is refused a train again, which costs one system call.
    public struct Segmentation: Sendable {
        /// When false, every datagram is sent alone.
        public var isOn: Bool

        /// How long single datagrams are sent after a refusal; the path may improve.
        static let memory: Duration = .seconds(300)
        /// How long full queues are not waited for again, so that whoever keeps them full costs little time.
        static let pause: Duration = .milliseconds(100)
        /// The maximum number of receivers that are remembered; a power of two.
        static let capacity = 1024

        private struct Refusal: Sendable {
            var receiver = UDPAddress()
            var until = Instant(nanoseconds: 0)
        }

        /// Receivers whose path refused segments, and until when they get single datagrams.
        private var refusals = [Refusal](repeating: Refusal(), count: capacity)
        /// When the last of them ends.
        private var lastEnds = Instant(nanoseconds: 0)
        private var mayWaitFrom = Instant(nanoseconds: 0)

        public init(isOn: Bool) { self.isOn = isOn }

        /// Whether the path to a receiver refused trains recently.
        func isRefused(by receiver: UDPAddress, now: Instant) -> Bool {
            guard now < lastEnds else { return false }
            let refusal = refusals[Self.place(of: receiver)]
            return refusal.receiver == receiver && now < refusal.until
        }

        mutating func noteRefusal(by receiver: UDPAddress, now: Instant) {
            lastEnds = max(lastEnds, now + Self.memory)
            refusals[Self.place(of: receiver)] = Refusal(receiver: receiver, until: now + Self.memory)
        }

        mutating func forgetRefusal(by receiver: UDPAddress) {
            let place = Self.place(of: receiver)
            if refusals[place].receiver == receiver { refusals[place] = Refusal() }
        }

        /// Whether a send may wait for room in a full queue (WG-D-12).
        func mayWait(now: Instant) -> Bool { now >= mayWaitFrom }

        mutating func noteWait(now: Instant) { mayWaitFrom = now + Self.pause }

        private static func place(of receiver: UDPAddress) -> Int {
            let words = receiver.words
            let mixed = (words.0 ^ words.1.byteSwapped ^ words.2 &* 0xC2B2_AE3D_27D4_EB4F ^ UInt64(words.3)) &* 0x9E37_79B9_7F4A_7C15
            return Int(truncatingIfNeeded: mixed >> 32) & (capacity - 1)
        }
    }
}
