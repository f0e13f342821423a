// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Synchronization
import Words

/// Bytes a second of each peer, from counters that are read on a beat.
/// Thread rule: any thread; one lock, held for a few dictionary steps.
public final class Rates: Sendable {
    /// As the device sees it: down is what the hub sent to it.
    public struct Rate: Sendable, Equatable {
        public var down: Double
        public var up: Double

        public init(down: Double, up: Double) {
            self.down = down
            self.up = up
        }

        /// As a table shows it: `↓ 1.2 MB/s`.
        public var downPhrase: Phrase { "↓ \(Amount.rate(down))" }
        /// The same for the other direction.
        public var upPhrase: Phrase { "↑ \(Amount.rate(up))" }
    }

    private struct Sample {
        var at: ContinuousClock.Instant
        var received: Int64
        var sent: Int64
    }

    private struct Content {
        var samples: [PublicKey: Sample] = [:]
        /// Those of the samples that have one.
        var rates: [PublicKey: Rate] = [:]
    }

    private let content = Mutex(Content())

    public init() {}

    /// Takes the counters of all peers. A peer whose counters went back (a restarted engine) starts anew.
    public func take(_ peers: [PublicKey: PeerSight], at now: ContinuousClock.Instant) {
        content.withLock { content in
            var next = Content()
            for (key, peer) in peers {
                let sample = Sample(at: now, received: peer.receivedBytes, sent: peer.sentBytes)
                if let last = content.samples[key], last.at < now, last.received <= peer.receivedBytes, last.sent <= peer.sentBytes {
                    let seconds = (now - last.at) / .seconds(1)
                    next.rates[key] = Rate(
                        down: Double(peer.sentBytes - last.sent) / seconds, up: Double(peer.receivedBytes - last.received) / seconds)
                }
                next.samples[key] = sample
            }
            content = next
        }
    }

    /// The rate between the last two beats; nil before there were two.
    public func rate(of key: PublicKey) -> Rate? { content.withLock { $0.rates[key] } }

    /// The same of all peers that have one.
    public var all: [PublicKey: Rate] { content.withLock { $0.rates } }
}
