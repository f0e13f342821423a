// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Words

/// Parses a wg-quick file line by line.
struct ServerFileParser {
    private typealias ParseError = ServerFile.ParseError

    private enum Section { case none, interface, peer }

    /// A `[Peer]` section that is still being read.
    private struct OpenPeer {
        var line: Int
        var name: String?
        var publicKey: PublicKey?
        var presharedKey: PresharedKey?
        var allowedIPs: [IPPrefix] = []
        var endpoint: Endpoint?
        var persistentKeepalive: UInt16?
        var hasKeys = false
    }

    private var section = Section.none
    private var privateKey: PrivateKey?
    private var listenPort: UInt16?
    private var addresses: [ServerFile.Address] = []
    private var ignored: [String] = []
    private var peers: [ServerFile.ServerPeer] = []
    private var open: OpenPeer?
    /// The last comment, kept until a line other than a section header follows.
    private var comment: String?

    mutating func take(_ line: Substring, _ number: Int) throws(ServerFile.ParseError) {
        let parts = line.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let content = parts[0].trimmed(of: Self.isBlank)
        let note = parts.count == 2 ? parts[1].drop { $0 == "#" }.trimmed(of: Self.isBlank) : ""
        if content.isEmpty {
            if !note.isEmpty { takeComment(note) }
            return
        }
        if content.hasPrefix("[") {
            try takeHead(content.lowercased(), number)
            return
        }
        guard let equals = content.firstIndex(of: "=") else {
            throw ParseError(line: number, problem: "“\(content)” is neither a section nor a setting with “=”.")
        }
        let key = content[..<equals].trimmed(of: Self.isBlank).lowercased()
        let value = content[content.index(after: equals)...].trimmed(of: Self.isBlank)
        comment = nil
        switch section {
        case .none: throw ParseError(line: number, problem: "\(key) is before the first section.")
        case .interface: try takeInterface(key, value, number)
        case .peer: try takePeer(key, value, number)
        }
    }

    mutating func finish(_ lastLine: Int) throws(ServerFile.ParseError) -> ServerFile {
        try closePeer()
        guard let privateKey else { throw ParseError(line: lastLine, problem: "there is no PrivateKey in an [Interface] section.") }
        var file = ServerFile(privateKey: privateKey)
        file.listenPort = listenPort
        file.addresses = addresses
        file.peers = peers
        file.ignored = ignored
        return file
    }

    /// A comment inside a peer's section, before its settings, names that peer. Any other comment names the next peer.
    private mutating func takeComment(_ note: String) {
        if section == .peer, open?.hasKeys == false, open?.name == nil {
            open?.name = note
        } else {
            comment = note
        }
    }

    private mutating func takeHead(_ head: String, _ number: Int) throws(ServerFile.ParseError) {
        switch head {
        case "[interface]":
            try closePeer()
            section = .interface
        case "[peer]":
            try closePeer()
            section = .peer
            open = OpenPeer(line: number, name: comment)
        default:
            throw ParseError(line: number, problem: "there is no section \(head); expected [Interface] or [Peer].")
        }
        comment = nil
    }

    private mutating func takeInterface(_ key: String, _ value: String, _ number: Int) throws(ServerFile.ParseError) {
        switch key {
        case "privatekey":
            guard let parsed = PrivateKey(base64: value) else { throw Self.noKey("PrivateKey", number) }
            privateKey = parsed
        case "listenport":
            guard let port = UInt16(value) else { throw ParseError(line: number, problem: "ListenPort “\(value)” is not a port.") }
            listenPort = port
        case "address":
            for part in value.split(separator: ",") {
                let text = part.trimmed(of: Self.isBlank)
                let host = text.split(separator: "/", maxSplits: 1).first.flatMap { IPAddress($0) }
                guard let host, let network = IPPrefix(text) else {
                    throw ParseError(line: number, problem: "Address “\(text)” is not an address with its network, such as 10.3.2.1/24.")
                }
                addresses.append(ServerFile.Address(address: host, network: network))
            }
        default: ignored.append("line \(number): \(key)")
        }
    }

    private mutating func takePeer(_ key: String, _ value: String, _ number: Int) throws(ServerFile.ParseError) {
        open?.hasKeys = true
        switch key {
        case "publickey":
            guard let parsed = PublicKey(base64: value) else { throw Self.noKey("PublicKey", number) }
            open?.publicKey = parsed
        case "presharedkey":
            guard let parsed = PresharedKey(base64: value) else { throw Self.noKey("PresharedKey", number) }
            open?.presharedKey = parsed
        case "allowedips":
            for part in value.split(separator: ",") {
                let text = part.trimmed(of: Self.isBlank)
                guard let prefix = IPPrefix(text) else {
                    throw ParseError(line: number, problem: "AllowedIPs “\(text)” is not an address range.")
                }
                open?.allowedIPs.append(prefix)
            }
        case "endpoint":
            // A host name would need a lookup. The hub learns the endpoint when the device connects.
            open?.endpoint = Endpoint(value)
            if open?.endpoint == nil { ignored.append("line \(number): \(key)") }
        case "persistentkeepalive":
            guard let seconds = value.lowercased() == "off" ? 0 : UInt16(value) else {
                throw ParseError(line: number, problem: "PersistentKeepalive “\(value)” is neither “off” nor seconds from 0 to 65535.")
            }
            open?.persistentKeepalive = seconds
        default: ignored.append("line \(number): \(key)")
        }
    }

    private mutating func closePeer() throws(ServerFile.ParseError) {
        guard let peer = open else { return }
        open = nil
        guard let key = peer.publicKey else { throw ParseError(line: peer.line, problem: "this [Peer] has no PublicKey.") }
        peers.append(
            ServerFile.ServerPeer(
                name: peer.name, publicKey: key, presharedKey: peer.presharedKey, allowedIPs: peer.allowedIPs, endpoint: peer.endpoint,
                persistentKeepalive: peer.persistentKeepalive))
    }

    private static func noKey(_ name: String, _ number: Int) -> ServerFile.ParseError {
        ParseError(line: number, problem: "\(name) is not a key: 44 characters of Base64.")
    }

    private static func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" }
}
