// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Testing

@testable import Relay

@Suite struct `A request of the configuration protocol` {
    static let key = String(repeating: "0f", count: 32)

    private func parse(_ text: String) throws(Errno) -> UAPIRequest? { try UAPIRequest.parse(Array(text.utf8)) }

    @Test func `WG-U-6 accepts every key that wg sends`() throws {
        let request = """
            set=1
            private_key=\(Self.key)
            listen_port=0
            fwmark=4294967295
            replace_peers=true
            public_key=\(Self.key)
            update_only=true
            preshared_key=\(Self.key)
            endpoint=[2001:db8::1]:51820
            persistent_keepalive_interval=65535
            replace_allowed_ips=true
            allowed_ip=10.3.2.2/32
            allowed_ip=-fd00::/64
            protocol_version=1
            public_key=\(Self.key.uppercased())
            remove=true

            """
        #expect(try parse(request) == .set)
        #expect(try parse("get=1\n") == .get)
    }

    @Test(arguments: [
        "listen_port=65536", "listen_port=-1", "listen_port=", "fwmark=x", "replace_peers=1", "replace_peers=false", "private_key=00", "remove=true",
        "own_public_key=\(key)", "listen_port =1", "public_key=\(key.dropLast())g", "public_key=\(key)\nlisten_port=1",
        "public_key=\(key)\nendpoint=nowhere",
        "public_key=\(key)\nallowed_ip=10.0.0.0/33", "public_key=\(key)\nprotocol_version=2", "public_key=\(key)\nremove=false",
        "public_key=\(key)\npersistent_keepalive_interval=65536",
    ])
    func `WG-U-7 with a bad value or an unknown key is invalid`(lines: String) {
        #expect(throws: Errno.invalidArgument) { try parse("set=1\n\(lines)\n") }
    }

    @Test(arguments: ["set=1\nlisten_port\n", "get=1\nlisten_port=1\n"])
    func `WG-U-7 with a line that does not belong there is a protocol error`(text: String) {
        #expect(throws: Errno.protocolError) { try parse(text) }
    }

    @Test(arguments: ["", "\n", "get=2\n", "GET / HTTP/1.1\r\n", "\0"])
    func `WG-U-3 with another first line is not recognised`(text: String) throws { #expect(try parse(text) == nil) }

    @Test func `of random bytes is at most refused`() {
        var random = SystemRandomNumberGenerator()
        let alphabet = Array("set=1\nget\npublic_key=0f-/.:[]\u{0}\u{ff}".utf8)
        for _ in 0..<5000 {
            let bytes = Array("set=1\n".utf8) + (0..<Int.random(in: 0..<80, using: &random)).map { _ in alphabet.randomElement(using: &random)! }
            if let request = try? UAPIRequest.parse(bytes) { #expect(request == .set) }
        }
    }
}
