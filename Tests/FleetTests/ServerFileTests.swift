// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Testing

@testable import Fleet

@Suite struct `A server file` {
    private static let key = "WL/DA7dgzoKqJ1O+Y6K+zZrA8lXjNAS+gU9tZC1lrkg="
    private static let peer = "J6Hpxjp7Unm/ab/1uw3UOKLWMzDzGUe+B7pQ/nFrREM="

    private func parse(_ text: String) throws -> ServerFile { try ServerFile(parsing: text) }

    @Test func `gives key, port, addresses and peers`() throws {
        let file = try parse(
            """
            [Interface]
            PrivateKey = \(Self.key)
            ListenPort = 51821
            Address = 10.8.0.1/24, fd00::1/64
            PostUp = iptables -A FORWARD -i wg0 -j ACCEPT

            # Client: laptop (a1b2)
            [Peer]
            PublicKey = \(Self.peer)
            AllowedIPs = 10.8.0.2/32,192.168.7.0/24
            Endpoint = 192.0.2.7:4711
            PersistentKeepalive = 25
            """)
        #expect(file.privateKey.revealBase64() == Self.key)
        #expect(file.listenPort == 51821)
        #expect(file.addresses.map(\.network) == [IPPrefix("10.8.0.0/24"), IPPrefix("fd00::/64")])
        #expect(file.addresses.first?.address == IPAddress("10.8.0.1"))
        #expect(file.ignored.map(\.description) == ["line 5: postup"])
        let peer = try #require(file.peers.first)
        #expect(peer.name == "laptop")
        #expect(peer.publicKey.base64 == Self.peer)
        #expect(peer.allowedIPs.map(\.network) == [IPPrefix("10.8.0.2/32"), IPPrefix("192.168.7.0/24")])
        #expect(peer.endpoint == Endpoint("192.0.2.7:4711"))
        #expect(peer.persistentKeepalive == 25)
    }

    @Test func `may have peer names in comments, keys in any case, and Windows line ends`() throws {
        let file = try parse("[interface]\r\nprivatekey=\(Self.key)\r\n[PEER]\r\n# phone\r\nPUBLICKEY=\(Self.peer)\r\n")
        #expect(file.peers.first?.name == "phone")
    }

    @Test func `has no line that begins inside a name`() throws {
        var file = try parse("[Interface]\nPrivateKey = \(Self.key)\n[Peer]\nPublicKey = \(Self.peer)\n")
        file.peers[0].name = "x\n[Interface]\r\nPostUp = touch /tmp/x\r[Peer]"
        #expect(file.text.split(whereSeparator: \.isNewline).contains("# Name: x [Interface] PostUp = touch /tmp/x [Peer]"))
        #expect(!file.text.split(whereSeparator: \.isNewline).contains { $0.hasPrefix("PostUp") })
    }

    @Test func `does not name a peer after a comment that belongs to a setting`() throws {
        let file = try parse("[Interface]\nPrivateKey = \(Self.key)\n# the port\nListenPort = 1\n[Peer]\nPublicKey = \(Self.peer)\n")
        #expect(file.peers.first?.name == nil)
    }

    @Test func `takes the private key from elsewhere`() throws {
        let text = "[Interface]\nAddress = 10.8.0.1/24\nPostUp = wg set %i private-key /etc/wireguard/%i.key; true\n"
        #expect {
            try parse(text)
        } throws: {
            "\($0)" == "line 3: the private key comes from “/etc/wireguard/%i.key”. Name a file that holds it with --private-key."
        }
        let file = try ServerFile(parsing: text, privateKey: PrivateKey(base64: Self.key))
        #expect(file.privateKey == PrivateKey(base64: Self.key))
        #expect(file.ignored.isEmpty)
    }

    @Test func `does not repeat a key that no terminal should show`() throws {
        let file = try parse("[Interface]\nPrivateKey = \(Self.key)\n\u{1B}[31m = 1\nMTU = 1400\n")
        #expect(file.ignored.map(\.description) == ["line 3", "line 4: mtu"])
    }

    @Test func `says which sections it leaves out`() throws {
        let peer = "PublicKey = \(Self.peer)\n"
        let file = try parse("[Interface]\nPrivateKey = \(Self.key)\n#[Peer]\n#PublicKey = x\n# a\n[Peer]\n\(peer)# b\n[Peer]\n\(peer)")
        #expect(
            file.ignored.map(\.description) == [
                "line 3: a section that is commented out", "line 6: this peer, because line 9 has its key again",
            ])
        #expect(file.peers.map(\.name) == ["b"])
    }

    @Test func `does not name a peer after a setting that is commented out, and takes no zeros as a preshared key`() throws {
        let zeros = Base64.encode([UInt8](repeating: 0, count: 32))
        let file = try parse(
            "[Interface]\nPrivateKey = \(Self.key)\n# AllowedIPs = 10.0.0.2/32\n[Peer]\nPublicKey = \(Self.peer)\nPresharedKey = \(zeros)\n")
        #expect(file.peers.first?.name == nil)
        #expect(file.peers.first?.presharedKey == nil)
    }

    @Test(arguments: [
        ("", "line 1: there is no PrivateKey in an [Interface] section."),
        ("PrivateKey = x", "line 1: privatekey is before the first section."),
        ("[Interface]\nPrivateKey = secret", "line 2: PrivateKey is not a key: 44 characters of Base64."),
        ("[Interface]\nnonsense", "line 2: “nonsense” is neither a section nor a setting with “=”."),
        ("[Interfaces]", "line 1: there is no section [interfaces]; expected [Interface] or [Peer]."),
        ("[Interface]\nListenPort = 70000", "line 2: ListenPort “70000” is not a port."),
        ("[Interface]\nAddress = 10.8.0.300/24", "line 2: Address “10.8.0.300/24” is not an address with its network, such as 10.3.2.1/24."),
        ("[Peer]\nAllowedIPs = 10.8.0.2/33", "line 2: AllowedIPs “10.8.0.2/33” is not an address range."),
        ("[Peer]\nAllowedIPs = 10.8.0.2/32\n", "line 1: this [Peer] has no PublicKey."),
        ("# anna\n[Peer]\nAllowedIPs = 10.8.0.2/33", "line 3, peer “anna”: AllowedIPs “10.8.0.2/33” is not an address range."),
    ])
    func `is refused with the line and the problem`(text: String, message: String) {
        #expect { try parse(text) } throws: { "\($0)" == message }
    }
}
