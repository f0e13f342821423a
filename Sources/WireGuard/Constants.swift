// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// The numbers of the protocol (whitepaper 6.1; Documentation/protocol.md section 2). Tests read the same table.
public enum Constants {
    /// A session that sent this many messages starts its successor (WG-C-1).
    public static let rekeyAfterMessages: UInt64 = 1 << 60
    /// A session never sends or accepts this counter or a higher one (WG-C-1).
    public static let rejectAfterMessages = UInt64.max - (1 << 13)
    /// The initiator of a session this old starts its successor when it sends (WG-C-2).
    public static let rekeyAfterTime: Duration = .seconds(120)
    /// A session this old is dead (WG-C-2).
    public static let rejectAfterTime: Duration = .seconds(180)
    /// The initiator of a session this old starts its successor when it receives: 180 - 10 - 5 seconds (WG-S-10).
    public static let rekeyAfterTimeReceiving: Duration = .seconds(165)
    /// Between two initiations to one peer (WG-C-2, WG-S-11).
    public static let rekeyTimeout: Duration = .seconds(5)
    /// Initiations after the first one until the handshake is given up: 90 / 5 (WG-C-5).
    public static let handshakeRetries = 18
    /// Data came and nothing went back for this long: a keepalive says that we live (WG-C-2, WG-I-2).
    public static let keepaliveTimeout: Duration = .seconds(10)
    /// Data went and nothing came back for this long: the peer is thought dead (WG-I-3).
    public static let deadPeerTimeout: Duration = .seconds(15)
    /// Upper end of the uniform jitter on retransmission and dead-peer timers (WG-C-3).
    public static let jitter: Duration = .milliseconds(333)
    /// Keys are wiped when no new session came for this long (WG-C-8).
    public static let wipeAfterTime: Duration = .seconds(540)
    /// Between two accepted initiations of one peer (WG-C-4).
    public static let initiationInterval: Duration = .milliseconds(20)
    /// A cookie secret lives this long, and its holder uses the cookie five seconds less (WG-C-6).
    public static let cookieSecretLifetime: Duration = .seconds(120)
    public static let cookieLifetime: Duration = .seconds(115)
    /// Packets that wait for a handshake, per peer (WG-C-7).
    public static let stagedPackets = 128
    /// Handshake messages that wait for the control side; under load from an eighth of it (WG-C-7, WG-M-5).
    public static let handshakeQueue = 4096
    /// Plaintext is padded to a multiple of this (WG-D-1).
    public static let paddingMultiple = 16

    static let construction = "Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s"
    static let identifier = "WireGuard v1 zx2c4 Jason@zx2c4.com"
    static let labelMac1 = "mac1----"
    static let labelCookie = "cookie--"
}
