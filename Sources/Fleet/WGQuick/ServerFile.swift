// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Words

/// A wg-quick file of a server, as people have it from other set-ups (wg(8), wg-quick(8)): what a hub needs of it.
/// Text in, values out; nothing is read or written.
public struct ServerFile: Equatable, Sendable {
    public var privateKey: PrivateKey
    /// Nil where the file leaves it out.
    public var listenPort: UInt16?
    /// The hub's own addresses, each with the length of its network.
    public var addresses: [Address] = []
    /// In the order of the file.
    public var peers: [ServerPeer] = []
    /// Lines that a hub has no use for, such as PostUp, with their numbers.
    public var ignored: [String] = []

    /// `10.3.2.1/24`: an address and the network it is in.
    public struct Address: Equatable, Sendable {
        public var address: IPAddress
        public var network: IPPrefix
    }

    /// A `[Peer]` of the file.
    public struct ServerPeer: Equatable, Sendable {
        /// From a comment above or inside the section; nil where there is none.
        public var name: String?
        /// As in the file, like all that follows.
        public var publicKey: PublicKey
        public var presharedKey: PresharedKey?
        public var allowedIPs: [IPPrefix] = []
        public var endpoint: Endpoint?
        public var persistentKeepalive: UInt16?
    }

    /// What is wrong, and in which line.
    public struct ParseError: Error, Equatable, CustomStringConvertible {
        public var line: Int
        public var problem: String
        public var description: String { "line \(line): \(problem)" }
    }

    /// Throws at the first line that does not fit, without the value of a secret.
    public init(parsing text: String) throws(ParseError) {
        var parser = ServerFileParser()
        var number = 0
        // A carriage return and line feed are one Character.
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: { $0 == "\n" || $0 == "\r\n" }) {
            number += 1
            try parser.take(line, number)
        }
        self = try parser.finish(number)
    }

    public init(privateKey: PrivateKey) { self.privateKey = privateKey }
}
