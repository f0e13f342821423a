// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Synchronization
import Words

/// The transfer rate of each peer in bytes per second, from counters that are read periodically.
/// Thread rule: any thread. One lock, held for a few dictionary operations.
public final class Rates: Sendable {
    /// From the device's point of view: `down` is traffic from the hub to the device.
    public struct Rate: Sendable, Equatable {
        public var down: Double
        public var up: Double

        public init(down: Double, up: Double) {
            self.down = down
            self.up = up
        }

        /// The rate to the device, as a table shows it: `↓ 1.2 MB/s`.
        public var downPhrase: Phrase { "↓ \(Amount.rate(down))" }
        /// The rate from the device, as a table shows it: `↑ 1.2 MB/s`.
        public var upPhrase: Phrase { "↑ \(Amount.rate(up))" }
    }

    private struct Sample {
        var at: ContinuousClock.Instant
        var received: Int64
        var sent: Int64
    }

    private struct Content {
        var samples: [PublicKey: Sample] = [:]
        /// The rates of the peers that have been measured twice.
        var rates: [PublicKey: Rate] = [:]
    }

    private let content = Mutex(Content())

    public init() {}

    /// Reads the counters of all peers. If a peer's counters decreased because the engine restarted, its measurement starts over.
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

    /// The rate between the last two readings; nil until there are two.
    public func rate(of key: PublicKey) -> Rate? { content.withLock { $0.rates[key] } }

    /// The rates of all peers that have one.
    public var all: [PublicKey: Rate] { content.withLock { $0.rates } }
}
