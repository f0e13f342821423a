// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Support
import Testing
import Words

struct `An outdated file` {
    private func device(fetched: Int64?, _ change: (inout FileRevisions) -> Void) -> Device {
        let sample = Device.sample("nas", 2)
        var revisions = FileRevisions(all: 1)
        change(&revisions)
        return Device(
            id: sample.id, name: sample.name, description: "", tags: [], enabled: true, expiresAt: nil, publicKey: sample.publicKey,
            hasPrivateKey: true,
            hasPresharedKey: false, ipv4: sample.ipv4, ipv6: nil, routes: [], overrides: Overrides(), revision: 9, createdAt: sample.createdAt,
            updatedAt: sample.updatedAt, fileRevisions: revisions, fetchedConfigRevision: fetched, fetchedAt: sample.createdAt)
    }

    @Test func `is none that the device never got, and none that did not change`() {
        #expect(OutdatedFile(of: device(fetched: nil) { $0.key = 2 }) == nil)
        #expect(OutdatedFile(of: device(fetched: 2) { $0.key = 2 }) == nil)
    }

    @Test func `says which part changed and whether that matters`() {
        let parts: [((inout FileRevisions) -> Void, String)] = [
            ({ $0.key = 2 }, "Key changed: will not connect again."), ({ $0.presharedKey = 2 }, "Preshared key changed: will not connect again."),
            ({ $0.addresses = 2 }, "Addresses changed: connects, but the hub drops what it sends."),
            ({ $0.settings[.persistentKeepalive] = 2 }, "Keepalive changed: works as it is."),
            ({ $0.settings[.dns] = 2 }, "DNS changed: works as it is."),
            ({ $0.settings[.endpoint] = 2 }, "Endpoint changed: will not connect again."),
            ({ $0.settings[.allowedIPs] = 2 }, "Allowed IPs changed: works, but may lack routes to what is new."),
        ]
        for (change, sentence) in parts { #expect(OutdatedFile(of: device(fetched: 1, change))?.sentence.description == sentence) }
    }

    @Test func `names the worst part first and gives its consequence`() {
        let file = OutdatedFile(
            of: device(fetched: 1) {
                $0.settings[.mtu] = 3
                $0.settings[.endpoint] = 2
                $0.addresses = 4
            })
        #expect(file?.sentence.description == "Endpoint, Addresses, MTU changed: will not connect again.")
    }
}
