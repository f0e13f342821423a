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
        var isEnabled = true
        var above: ServerFileNames
        var inside = ServerFileNames()
        var beside = ServerFileNames()
        var publicKey: PublicKey?
        var presharedKey: PresharedKey?
        var allowedIPs: [ServerFile.Address] = []
        var endpoint: Endpoint?
        var persistentKeepalive: UInt16?
        var hasKeys = false

        var name: String? { ServerFileNames.name(above: above, inside: inside, beside: beside) }
    }

    private var section = Section.none
    private let givenKey: PrivateKey?
    private var privateKey: PrivateKey?
    /// The line of a command that sets the private key, and the file that it names.
    private var keySource: (line: Int, file: String)?
    private var listenPort: UInt16?
    private var addresses: [ServerFile.Address] = []
    private var ignored: [Phrase] = []
    private var peers: [ServerFile.ServerPeer] = []
    private var places: [PublicKey: Int] = [:]
    private var open: OpenPeer?
    /// The comments since the last setting. They may name the next peer.
    private var above = ServerFileNames()

    init(privateKey: PrivateKey?) { givenKey = privateKey }

    /// PiVPN disables a peer by putting this before each of its lines.
    private static let disabled = "#[disabled]"

    mutating func take(_ line: Substring, _ number: Int) throws(ServerFile.ParseError) {
        guard line.hasPrefix(Self.disabled) else { return try take(line, number, isEnabled: true) }
        let rest = line.dropFirst(Self.disabled.count)
        let text = rest.trimmed(of: Self.isBlank).lowercased()
        // In an enabled section, a single disabled setting is only a comment.
        guard text == "[peer]" || text.hasPrefix("#") || open?.isEnabled == false else { return }
        try take(rest, number, isEnabled: false)
    }

    private mutating func take(_ line: Substring, _ number: Int, isEnabled: Bool) throws(ServerFile.ParseError) {
        let parts = line.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let content = parts[0].trimmed(of: Self.isBlank)
        let comment = parts.count == 2 ? ServerFileComment(parts[1]) : nil
        if content.isEmpty {
            if let comment { takeComment(comment, number) }
            return
        }
        if content.hasPrefix("[") {
            try takeHead(content.lowercased(), number, isEnabled)
            if let comment { open?.inside.takeInside(comment) }
            return
        }
        guard let equals = content.firstIndex(of: "=") else {
            throw error(number, "“\(content)” is neither a section nor a setting with “=”.")
        }
        let key = content[..<equals].trimmed(of: Self.isBlank).lowercased()
        let value = content[content.index(after: equals)...].trimmed(of: Self.isBlank)
        above = ServerFileNames()
        switch section {
        case .none: throw error(number, "\(key) is before the first section.")
        case .interface: try takeInterface(key, value, number)
        case .peer:
            try takePeer(key, value, number)
            if let comment { open?.beside.takeInside(comment) }
        }
    }

    mutating func finish(_ lastLine: Int) throws(ServerFile.ParseError) -> ServerFile {
        try closePeer()
        guard let privateKey = givenKey ?? privateKey else {
            guard let keySource else { throw error(lastLine, "there is no PrivateKey in an [Interface] section.") }
            throw error(keySource.line, "the private key comes from “\(keySource.file)”. Name a file that holds it with --private-key.")
        }
        var file = ServerFile(privateKey: privateKey)
        file.listenPort = listenPort
        file.addresses = addresses
        file.peers = peers
        file.ignored = ignored
        return file
    }

    /// A comment inside a peer's section, before its settings, names that peer. Any other comment names the next peer.
    private mutating func takeComment(_ comment: ServerFileComment, _ number: Int) {
        if comment == .section { ignored.append("line \(number): a section that is commented out") }
        if let peer = open, !peer.hasKeys || comment.isAlwaysInside {
            open?.inside.takeInside(comment)
        } else {
            above.takeAbove(comment)
        }
    }

    /// Lists a line whose setting the hub does not need. Its key is only shown if it can be one.
    private mutating func ignore(_ key: String, _ number: Int) {
        let isKey = !key.isEmpty && key.utf8.allSatisfy { (33...126).contains($0) }
        ignored.append(isKey ? "line \(number): \(key)" : "line \(number)")
    }

    private mutating func takeHead(_ head: String, _ number: Int, _ isEnabled: Bool) throws(ServerFile.ParseError) {
        switch head {
        case "[interface]":
            try closePeer()
            section = .interface
        case "[peer]":
            try closePeer()
            section = .peer
            open = OpenPeer(line: number, isEnabled: isEnabled, above: above)
        default:
            throw error(number, "there is no section \(head); expected [Interface] or [Peer].")
        }
        above = ServerFileNames()
    }

    private mutating func takeInterface(_ key: String, _ value: String, _ number: Int) throws(ServerFile.ParseError) {
        switch key {
        case "privatekey":
            guard let parsed = PrivateKey(base64: value) else { throw error(number, Self.noKey("PrivateKey")) }
            privateKey = parsed
        case "listenport":
            guard let port = UInt16(value) else { throw error(number, "ListenPort “\(value)” is not a port.") }
            listenPort = port
        case "address":
            for text in Self.list(value) {
                guard let address = ServerFile.Address(text) else {
                    throw error(number, "Address “\(text)” is not an address with its network, such as 10.3.2.1/24.")
                }
                addresses.append(address)
            }
        case "preup", "postup":
            if let file = Self.keyFile(in: value) {
                keySource = (number, file)
                if givenKey != nil { return }
            }
            ignore(key, number)
        default: ignore(key, number)
        }
    }

    /// The file in `wg set %i private-key FILE`; nil if the command is another one.
    private static func keyFile(in command: String) -> String? {
        for part in command.split(whereSeparator: { $0 == ";" || $0 == "&" }) {
            let words = part.split { isBlank($0) }
            guard words.contains(where: { $0 == "wg" || $0.hasSuffix("/wg") }), let option = words.firstIndex(of: "private-key") else { continue }
            let rest = words[(option + 1)...].prefix { $0 != "peer" && $0 != "||" }
            if !rest.isEmpty { return rest.joined(separator: " ") }
        }
        return nil
    }

    private mutating func takePeer(_ key: String, _ value: String, _ number: Int) throws(ServerFile.ParseError) {
        open?.hasKeys = true
        switch key {
        case "publickey":
            guard let parsed = PublicKey(base64: value) else { throw error(number, Self.noKey("PublicKey")) }
            open?.publicKey = parsed
        case "presharedkey":
            guard let parsed = PresharedKey(base64: value) else { throw error(number, Self.noKey("PresharedKey")) }
            // WireGuard writes "no preshared key" as zeros.
            open?.presharedKey = parsed.isZero ? nil : parsed
        case "allowedips":
            for text in Self.list(value) {
                guard let address = ServerFile.Address(text) else { throw error(number, "AllowedIPs “\(text)” is not an address range.") }
                open?.allowedIPs.append(address)
            }
        case "endpoint":
            // A host name would need a lookup. The hub learns the endpoint when the device connects.
            open?.endpoint = Endpoint(value)
            if open?.endpoint == nil { ignore(key, number) }
        case "persistentkeepalive":
            guard let seconds = value.lowercased() == "off" ? 0 : UInt16(value) else {
                throw error(number, "PersistentKeepalive “\(value)” is neither “off” nor seconds from 0 to 65535.")
            }
            open?.persistentKeepalive = seconds
        default: ignore(key, number)
        }
    }

    /// Keeps the peer. If the file has its key twice, the later section replaces the ranges of the earlier one, as in wg(8).
    private mutating func closePeer() throws(ServerFile.ParseError) {
        guard let peer = open else { return }
        guard let key = peer.publicKey else { throw error(peer.line, "this [Peer] has no PublicKey.") }
        open = nil
        var result = ServerFile.ServerPeer(
            line: peer.line, name: peer.name, isEnabled: peer.isEnabled, publicKey: key, presharedKey: peer.presharedKey,
            allowedIPs: peer.allowedIPs, endpoint: peer.endpoint, persistentKeepalive: peer.persistentKeepalive)
        guard let place = places[key] else {
            places[key] = peers.count
            peers.append(result)
            return
        }
        let earlier = peers[place]
        result.name = result.name ?? earlier.name
        result.presharedKey = result.presharedKey ?? earlier.presharedKey
        result.endpoint = result.endpoint ?? earlier.endpoint
        result.persistentKeepalive = result.persistentKeepalive ?? earlier.persistentKeepalive
        peers[place] = result
        ignored.append("line \(earlier.line): this peer, because line \(peer.line) has its key again")
    }

    /// Names the line, and the peer if its section is open.
    private func error(_ line: Int, _ problem: Phrase) -> ServerFile.ParseError {
        ParseError(line: line, peer: open?.name, problem: problem)
    }

    private static func noKey(_ name: String) -> Phrase { "\(name) is not a key: 44 characters of Base64." }

    /// The entries between commas. Blanks inside an entry do not count, as in wg(8).
    private static func list(_ value: String) -> [String] { value.filter { !isBlank($0) }.split(separator: ",").map(String.init) }

    private static func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" }
}

extension ServerFileComment {
    /// True for a form that its program writes only inside the section that it names.
    fileprivate var isAlwaysInside: Bool {
        if case .name(_, let isInside) = self { isInside } else { false }
    }
}
