// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// A wg-quick file of a server, as people have it from other set-ups (wg(8), wg-quick(8)): what a hub needs of it.
/// Text in, values out; nothing is read or written.
struct ServerFile: Equatable {
    var privateKey: PrivateKey
    var listenPort: UInt16?
    /// The hub's own addresses, each with the length of its network.
    var addresses: [Address] = []
    var peers: [ServerPeer] = []
    /// Lines that a hub has no use for, such as PostUp, with their numbers.
    var ignored: [String] = []

    struct Address: Equatable {
        var address: IPAddress
        var network: IPPrefix
    }

    /// A `[Peer]` of the file.
    struct ServerPeer: Equatable {
        /// From a comment above or inside the section; nil where there is none.
        var name: String?
        var publicKey: PublicKey
        var presharedKey: PresharedKey?
        var allowedIPs: [IPPrefix] = []
        var endpoint: Endpoint?
        var persistentKeepalive: UInt16?
    }

    /// What is wrong, and in which line.
    struct ParseError: Error, Equatable, CustomStringConvertible {
        var line: Int
        var problem: String
        var description: String { "line \(line): \(problem)" }
    }

    /// Throws at the first line that does not fit, without the value of a secret.
    init(parsing text: String) throws(ParseError) {
        var parser = ServerFileParser()
        var number = 0
        // A carriage return and line feed are one Character.
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: { $0 == "\n" || $0 == "\r\n" }) {
            number += 1
            try parser.take(line, number)
        }
        self = try parser.finish(number)
    }

    init(privateKey: PrivateKey) { self.privateKey = privateKey }
}
