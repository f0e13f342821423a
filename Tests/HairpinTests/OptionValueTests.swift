// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Testing

@testable import hairpin

@Suite struct `An option` {
    @Test func `that does not fit says which it was and what would fit`() {
        #expect {
            try OptionValue.parse("99", "wireguard", example: "[::]:51820", fallback: nil) { Endpoint($0) }
        } throws: { error in
            (error as? Failure)?.code == 64 && (error as? Failure)?.text == "--wireguard: “99” is not valid. Example: [::]:51820."
        }
    }

    @Test func `that is given nowhere has its default`() throws {
        #expect(try OptionValue.parse(nil, "no-such-option", example: "1", fallback: 7) { Int($0) } == 7)
    }

    @Test func `to listen on takes localhost for the loopback address`() {
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

    @Test func `take several host names and proxies, each given alone or with commas`() throws {
        let settings = try settings(
            "--host-name", "Hub.example.org", "--host-name", "a.example,b.example", "--trusted-proxy", "192.0.2.1/32,2001:db8::/32")
        #expect(settings.hostNames == ["hub.example.org", "a.example", "b.example"])
        #expect(settings.trustedProxies.map(\.description) == ["192.0.2.1/32", "2001:db8::/32"])
    }

    @Test(arguments: ["https://hub.example.org", "hub.example.org:443", "a b", "hub/x"])
    func `take no host name that is more or less than one`(text: String) {
        #expect(problem("--host-name", text)?.contains("hub.example.org.") == true)
    }

    @Test func `take a certificate with its key or neither, and the redirect only with both`() throws {
        #expect(try settings("--tls-certificate", "c", "--tls-key", "k", "--http-redirect", "[::]:80").httpRedirect?.port == 80)
        #expect(problem("--tls-certificate", "c") == "HTTPS needs both: give --tls-certificate FILE and --tls-key FILE.")
        #expect(problem("--tls-key", "k") == "HTTPS needs both: give --tls-certificate FILE and --tls-key FILE.")
        #expect(problem("--http-redirect", "[::]:80") == "--http-redirect needs HTTPS: give --tls-certificate and --tls-key too.")
    }
}
