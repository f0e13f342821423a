// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Testing

@testable import hairpin

@Suite struct `An option` {
    @Test func `that is invalid is named in the error, with an example`() {
        #expect {
            try OptionValue.parse("99", "wireguard", example: "[::]:51820", fallback: nil) { Endpoint($0) }
        } throws: { error in
            (error as? Failure)?.code == 64 && (error as? Failure)?.text == "--wireguard: “99” is not valid. Example: [::]:51820."
        }
    }

    @Test func `that is not set has its default`() throws {
        #expect(try OptionValue.parse(nil, "no-such-option", example: "1", fallback: 7) { Int($0) } == 7)
    }

    @Test func `that is an address to listen on accepts localhost`() {
        #expect(OptionValue.listen("localhost:8080") == Endpoint("127.0.0.1:8080"))
        #expect(OptionValue.listen("hub.example.org:8080") == nil)
    }
}

struct `The options of serve` {
    private func settings(_ words: String...) throws -> ServeSettings { try ServeSettings(try ServeOptions.parse(words)) }

    private func problem(_ words: String...) -> String? {
        do {
            _ = try ServeSettings(try ServeOptions.parse(words))
            return nil
        } catch {
            return (error as? Failure)?.text
        }
    }

    @Test func `accept several host names and proxies, one by one or separated by commas`() throws {
        let settings = try settings(
            "--host-name", "Hub.example.org", "--host-name", "a.example,b.example", "--trusted-proxy", "192.0.2.1/32,2001:db8::/32")
        #expect(settings.hostNames == ["hub.example.org", "a.example", "b.example"])
        #expect(settings.trustedProxies.map(\.description) == ["192.0.2.1/32", "2001:db8::/32"])
    }

    @Test(arguments: ["https://hub.example.org", "hub.example.org:443", "a b", "hub/x"])
    func `refuse an invalid host name`(text: String) {
        #expect(problem("--host-name", text)?.contains("hub.example.org.") == true)
    }

    @Test func `may turn IPv6 off, which is not the same as leaving it open`() throws {
        for (words, network, isOff) in [
            ([], nil, false), (["--network6", "off"], nil, true), (["--network6", "fd00:9::/64"], "fd00:9::/64", false),
        ]
            as [([String], String?, Bool)]
        {
            let settings = try ServeSettings(try ServeOptions.parse(words))
            #expect(settings.network6?.description == network, "\(words)")
            #expect(settings.isWithoutIPv6 == isOff, "\(words)")
        }
    }

    @Test func `need the certificate and its key together, and both for the redirect`() throws {
        #expect(try settings("--tls-certificate", "c", "--tls-key", "k", "--http-redirect", "[::]:80").httpRedirect?.port == 80)
        #expect(problem("--tls-certificate", "c") == "HTTPS needs both: give --tls-certificate FILE and --tls-key FILE.")
        #expect(problem("--tls-key", "k") == "HTTPS needs both: give --tls-certificate FILE and --tls-key FILE.")
        #expect(problem("--http-redirect", "[::]:80") == "--http-redirect needs HTTPS: give --tls-certificate and --tls-key too.")
    }
}
