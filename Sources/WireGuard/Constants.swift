// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// The protocol's constants (whitepaper 6.1; Documentation/protocol.md section 2). Tests compare them with that table.
public enum Constants {
    /// After this many messages, a keypair is replaced by a new one (WG-C-1).
    public static let rekeyAfterMessages: UInt64 = 1 << 60
    /// A keypair never sends or accepts this counter or a higher one (WG-C-1).
    public static let rejectAfterMessages = UInt64.max - (1 << 13)
    /// When the initiator sends with a keypair this old, it starts a new handshake (WG-C-2).
    public static let rekeyAfterTime: Duration = .seconds(120)
    /// A keypair this old has expired (WG-C-2).
    public static let rejectAfterTime: Duration = .seconds(180)
    /// When the initiator receives with a keypair this old, it starts a new handshake: 180 - 10 - 5 seconds (WG-S-10).
    public static let rekeyAfterTimeReceiving: Duration = .seconds(165)
    /// The minimum time between two initiations to one peer (WG-C-2, WG-S-11).
    public static let rekeyTimeout: Duration = .seconds(5)
    /// The number of retries before the handshake is given up: 90 / 5 (WG-C-5).
    public static let handshakeRetries = 18
    /// When data arrived and nothing was sent back for this long, a keepalive is sent (WG-C-2, WG-I-2).
    public static let keepaliveTimeout: Duration = .seconds(10)
    /// When data was sent and nothing came back for this long, the peer is considered dead (WG-I-3).
    public static let deadPeerTimeout: Duration = .seconds(15)
    /// The maximum random delay of retransmission and dead-peer timers, uniformly distributed (WG-C-3).
    public static let jitter: Duration = .milliseconds(333)
    /// When no new keypair is created for this long, all keys are wiped (WG-C-8).
    public static let wipeAfterTime: Duration = .seconds(540)
    /// The minimum time between two accepted initiations of one peer (WG-C-4).
    public static let initiationInterval: Duration = .milliseconds(20)
    /// The lifetime of a cookie secret. The peer that holds the cookie stops using it five seconds earlier (WG-C-6).
    public static let cookieSecretLifetime: Duration = .seconds(120)
    public static let cookieLifetime: Duration = .seconds(115)
    /// The maximum number of packets per peer that wait for a handshake (WG-C-7).
    public static let stagedPackets = 128
    /// The maximum number of handshake messages that wait (WG-C-7).
    public static let handshakeQueue = 16_384
    /// So many waiting handshake messages put the hub under load, unless the rules of WG-M-5 say that they do not.
    public static let handshakesUnderLoad = 512
    /// Plaintext is padded to a multiple of this (WG-D-1).
    public static let paddingMultiple = 16

    static let construction = "Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s"
    static let identifier = "WireGuard v1 zx2c4 Jason@zx2c4.com"
    static let labelMac1 = "mac1----"
    static let labelCookie = "cookie--"
}
