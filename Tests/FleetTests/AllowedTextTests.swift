// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Support
import Testing

@Suite struct `A list of allowed IPs as text` {
    private let nas = Device.sample("nas", 2, ipv6: "fd00::3:2:2")
    private let others = [
        Device.sample("office gw", 3, ipv6: "fd00::3:2:3", tags: ["berlin"]), Device.sample("x, y", 4, tags: ["berlin"]),
        Device.sample("six", 5, ipv4: nil, ipv6: "fd00::3:2:5"),
    ]

    private func read(_ text: String, of device: Device? = nil) -> AllowedText {
        AllowedText(text, of: device ?? nas, among: [nas] + others)
    }

    @Test(arguments: [
        ("10.3.2.9, 10.3.2.0/28\nfd00::1", "10.3.2.9/32, 10.3.2.0/28, fd00::1/128"), ("10.3.2.9 10.3.2.9", "10.3.2.9/32, 10.3.2.9/32"),
        ("OFFICE gw", "10.3.2.3/32, fd00::3:2:3/128"), ("10.3.2.3, office gw", "10.3.2.3/32, fd00::3:2:3/128"),
        ("10.3.2.9 10.3.2.8, six", "10.3.2.9/32, 10.3.2.8/32, fd00::3:2:5/128"), ("10.3.2.9 six", "10.3.2.9/32, fd00::3:2:5/128"),
        ("x, y", "10.3.2.4/32"), ("10.3.2.9\nx, y\nsix", "10.3.2.9/32, 10.3.2.4/32, fd00::3:2:5/128"),
        ("tag:berlin", "10.3.2.3/32, fd00::3:2:3/128, 10.3.2.4/32"), ("", ""),
    ])
    func `stands for prefixes`(text: String, prefixes: String) {
        let list = read(text)
        #expect(list.errors.isEmpty)
        #expect(list.prefixes.map(\.description).joined(separator: ", ") == prefixes)
        #expect(read(AllowedText.text(list.parts.map(\.text))).prefixes == list.prefixes)
    }

    @Test func `names devices only by name or tag`() {
        #expect(read("10.3.2.3, six, tag:berlin, six").named.map(\.id) == ["six", "office gw", "x, y"])
    }

    @Test(arguments: [
        ("zebra", "“zebra” is neither the name of a device nor an address or a network."),
        ("10.3.2.300", "10.3.2.300 is not an address. An IPv4 address has four numbers from 0 to 255."),
        ("10.3.2.0/33", "10.3.2.0/33 is not a network. The number after the slash is at most 32 for IPv4."),
        ("nas", "A device does not need to list itself. Name another one."), ("tag:none", "No device has the tag none."),
    ])
    func `says which entry means nothing`(text: String, error: String) {
        let list = read("10.3.2.9, \(text), six")
        #expect(list.errors.map(\.description) == [error])
        #expect(list.prefixes == ["10.3.2.9/32", "fd00::3:2:5/128"])
    }

    @Test func `lists no address of a family that the device lacks`() {
        let list = read("office gw, six", of: .sample("old", 7))
        #expect(list.prefixes == ["10.3.2.3/32"])
        #expect(list.errors.map(\.description) == ["six and this device have no address family in common, so it cannot be listed."])
    }
}
