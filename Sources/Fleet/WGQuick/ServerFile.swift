// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Words

/// A server's wg-quick file from another installation, or the output of `wg showconf`, reduced to what a hub needs (wg(8), wg-quick(8)).
/// Parses text to values and accesses no files.
public struct ServerFile: Equatable, Sendable {
    public var privateKey: PrivateKey
    /// Nil if the file does not contain it.
    public var listenPort: UInt16?
    /// The hub's own addresses, each with the prefix length of its network. Empty in the output of `wg showconf`.
    public var addresses: [Address] = []
    /// The peers, in the order of the file. All have different keys.
    public var peers: [ServerPeer] = []
    /// Lines that a hub does not use, such as PostUp, with their line numbers.
    public var ignored: [Phrase] = []

    /// An address and its network, such as `10.3.2.1/24`.
    public struct Address: Equatable, Sendable {
        public var address: IPAddress
        public var network: IPPrefix

        public init(address: IPAddress, network: IPPrefix) {
            self.address = address
            self.network = network
        }

        /// Nil if `text` is not an address with an optional prefix length.
        init?(_ text: String) {
            guard let host = text.split(separator: "/", maxSplits: 1).first.flatMap({ IPAddress($0) }), let network = IPPrefix(text) else {
                return nil
            }
            self.init(address: host, network: network)
        }

        /// True if this names one host: a single address, or one with host bits such as `10.3.2.2/24`.
        var isHost: Bool { network.isHost || address != network.address }
    }

    /// A `[Peer]` section of the file.
    public struct ServerPeer: Equatable, Sendable {
        /// The line of its `[Peer]`.
        public var line: Int
        /// The name, from a comment above or inside the section; nil if there is none.
        public var name: String?
        /// False if the section is disabled, as PiVPN does it.
        public var isEnabled = true
        /// This value and the following ones are as in the file.
        public var publicKey: PublicKey
        public var presharedKey: PresharedKey?
        public var allowedIPs: [Address] = []
        public var endpoint: Endpoint?
        public var persistentKeepalive: UInt16?

        public init(
            line: Int, name: String?, isEnabled: Bool = true, publicKey: PublicKey, presharedKey: PresharedKey?, allowedIPs: [Address],
            endpoint: Endpoint?, persistentKeepalive: UInt16?
        ) {
            self.line = line
            self.name = name
            self.isEnabled = isEnabled
            self.publicKey = publicKey
            self.presharedKey = presharedKey
            self.allowedIPs = allowedIPs
            self.endpoint = endpoint
            self.persistentKeepalive = persistentKeepalive
        }
    }

    /// The reason why a file cannot be used.
    public struct ParseError: Error, Equatable, CustomStringConvertible {
        /// The line that is not valid; nil if it is the file as a whole.
        public var line: Int?
        /// The name of the peer in whose section the line is, if known.
        public var peer: String?
        /// What is wrong, and what to do. Never contains the value of a secret.
        public var problem: Phrase

        public init(line: Int? = nil, peer: String? = nil, problem: Phrase) {
            self.line = line
            self.peer = peer
            self.problem = problem
        }

        public var description: String { phrase.description }

        /// The line, the peer and what is wrong.
        public var phrase: Phrase {
            switch (line, peer) {
            case (let line?, let peer?): "line \(line), peer “\(peer)”: \(problem)"
            case (let line?, nil): "line \(line): \(problem)"
            case (nil, let peer?): "peer “\(peer)”: \(problem)"
            case (nil, nil): problem
            }
        }
    }

    /// Parses a file. `privateKey` is for files that do not contain the key, and replaces one that they contain. Throws at the first
    /// invalid line. The error never contains the value of a secret.
    public init(parsing text: String, privateKey: PrivateKey? = nil) throws(ParseError) {
        var parser = ServerFileParser(privateKey: privateKey)
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
