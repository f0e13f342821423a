// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Words

/// A server's wg-quick file from another installation, reduced to what a hub needs (wg(8), wg-quick(8)). Parses text to values and accesses
/// no files.
public struct ServerFile: Equatable, Sendable {
    public var privateKey: PrivateKey
    /// Nil if the file does not contain it.
    public var listenPort: UInt16?
    /// The hub's own addresses, each with the prefix length of its network.
    public var addresses: [Address] = []
    /// The peers, in the order of the file.
    public var peers: [ServerPeer] = []
    /// Lines that a hub does not use, such as PostUp, with their line numbers.
    public var ignored: [String] = []

    /// An address and its network, such as `10.3.2.1/24`.
    public struct Address: Equatable, Sendable {
        public var address: IPAddress
        public var network: IPPrefix
    }

    /// A `[Peer]` section of the file.
    public struct ServerPeer: Equatable, Sendable {
        /// The name, from a comment above or inside the section; nil if there is none.
        public var name: String?
        /// This value and the following ones are as in the file.
        public var publicKey: PublicKey
        public var presharedKey: PresharedKey?
        public var allowedIPs: [IPPrefix] = []
        public var endpoint: Endpoint?
        public var persistentKeepalive: UInt16?
    }

    /// A syntax error and its line number.
    public struct ParseError: Error, Equatable, CustomStringConvertible {
        public var line: Int
        public var problem: String
        public var description: String { "line \(line): \(problem)" }
    }

    /// Parses a file. Throws at the first invalid line. The error never contains the value of a secret.
    public init(parsing text: String) throws(ParseError) {
        var parser = ServerFileParser()
        var number = 0
        // A carriage return followed by a line feed is one Character.
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: { $0 == "\n" || $0 == "\r\n" }) {
            number += 1
            try parser.take(line, number)
        }
        self = try parser.finish(number)
    }

    public init(privateKey: PrivateKey) { self.privateKey = privateKey }
}
