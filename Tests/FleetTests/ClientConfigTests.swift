// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Fleet
import Support
import Testing

@Suite struct `The file of a device` {
    @Test func `has every line in the order of wg-quick`() {
        let config = ClientConfig.sample(dns: ["10.3.2.1", "lan.example"], mtu: 1420, presharedKey: PresharedKey(Array(repeating: 3, count: 32)))
        #expect(
            config.text == """
                [Interface]
                PrivateKey = AAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAUE=
                Address = 10.3.2.2/32, fd00::3:2:2/128
                DNS = 10.3.2.1, lan.example
                MTU = 1420

                [Peer]
                PublicKey = AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=
                PresharedKey = AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=
                AllowedIPs = 10.3.2.3/32
                Endpoint = hub.example.org:51820
                PersistentKeepalive = 25

                """)
    }

    @Test func `leaves out empty settings and says where the private key goes`() {
        let config = ClientConfig.sample(privateKey: nil, addresses: ["10.3.2.2"], allowedIPs: [], endpoint: nil, persistentKeepalive: 0)
        #expect(
            config.text == """
                [Interface]
                # PrivateKey = paste the private key of this device here
                Address = 10.3.2.2/32

                [Peer]
                PublicKey = AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=

                """)
    }

    @Test func `has no Address line without an address`() {
        let config = ClientConfig.sample(addresses: [], allowedIPs: ["10.3.2.3/32", "fd00::/64"])
        #expect(!config.text.contains("Address"))
        #expect(config.text.contains("\nAllowedIPs = 10.3.2.3/32, fd00::/64\n"))
    }

    @Test func `names only families in which the device has an address`() {
        #expect(ClientConfig.sample(addresses: ["10.3.2.2"], allowedIPs: ["10.3.2.0/24", "fd00::/64"]).text.contains("\nAllowedIPs = 10.3.2.0/24\n"))
        #expect(!ClientConfig.sample(addresses: ["fd00::2"], allowedIPs: ["10.3.2.0/24"]).text.contains("AllowedIPs"))
    }

    @Test func `writes an IPv6 endpoint in brackets`() {
        #expect(ClientConfig.sample(endpoint: "[2001:db8::1]:51820").text.contains("\nEndpoint = [2001:db8::1]:51820\n"))
    }

    @Test func `completes an endpoint without a port with the hub's port`() {
        #expect(ClientConfig.sample(endpoint: "2001:db8::1").text.contains("\nEndpoint = [2001:db8::1]:51820\n"))
    }

    @Test(arguments: ["1.1.1.1\nPostUp = reboot", "[Peer]", "x#y", "dns.example:53"])
    func `refuses a DNS entry that is neither an address nor a name`(entry: String) {
        var settings = Settings()
        #expect(SettingName.dns.read(entry, into: &settings) != nil)
        #expect(settings == Settings())
    }

    @Test(arguments: [
        ("berlin-nas", "berlin-nas.conf"), ("Anna's phone", "Anna-s-phone.conf"), ("a very long device name", "a-very-long-dev.conf"),
        ("..", "hairpin.conf"), ("日本", "hairpin.conf"), ("-rf", "rf.conf"), (".hidden", "hidden.conf"), ("-.-x", "x.conf"),
        ("Büro Köln", "Buro-Koln.conf"), ("Ärger/../x", "Arger-..-x.conf"), ("日本 office", "office.conf"), ("nas 東京 1", "nas--1.conf"),
        ("名nas", "nas.conf"),
    ])
    func `has a name that wg-quick accepts`(device: String, file: String) {
        #expect(ClientConfig.fileName(for: device) == file)
    }

    @Test(
        arguments: [
            ("berlin-nas", nil), ("Büro", nil), ("日本", "日本.conf"), ("Москва 1", "Москва 1.conf"), ("../東", "東.conf"), ("-rf 東", "rf 東.conf"),
        ] as [(String, String?)])
    func `has a full name only if another script would become dashes`(device: String, file: String?) {
        #expect(ClientConfig.fullFileName(for: device) == file)
    }
}
