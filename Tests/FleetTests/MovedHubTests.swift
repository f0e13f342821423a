// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Support
import Testing

/// The notice about an endpoint that is no address of the hub's host.
@Suite struct `The notice about the endpoint` {
    private func notice(_ endpoint: String?, host: [String], heard: Bool = false) -> String {
        let device = Device.sample("anna", 2)
        var status = heard ? HubStatus.hearing([device]) : HubStatus()
        status.hostAddresses = host.compactMap { IPAddress($0) }
        return Overview.sample([device], status: status, endpoint: endpoint.flatMap { HostPort($0) }).endpointNotice.description
    }

    @Test func `says that the host has moved, and what to do`() {
        #expect(
            notice("203.0.113.7:51820", host: ["203.0.113.9"])
                == "Devices connect to 203.0.113.7:51820, but this host has no such address. It has 203.0.113.9. If the host has moved, change the endpoint and give each device its new file."
        )
        #expect(notice("[2001:db8::7]:51820", host: ["203.0.113.9", "2001:db8::9"]).contains("It has 2001:db8::9."))
        // Nobody connects, so no router translates the address.
        #expect(notice("203.0.113.7:51820", host: ["10.0.0.5", "203.0.113.9"]).contains("It has 203.0.113.9."))
    }

    @Test func `says nothing where the address may be right`() {
        #expect(notice("203.0.113.9:51820", host: ["203.0.113.9"]) == "")
        #expect(notice("hub.example.org:51820", host: ["203.0.113.9"]) == "")
        // A router with that address forwards to the host.
        #expect(notice("203.0.113.7:51820", host: ["10.0.0.5", "2001:db8::9"]) == "")
        #expect(notice("203.0.113.7:51820", host: ["10.0.0.5", "203.0.113.9"], heard: true) == "")
        #expect(notice("203.0.113.7:51820", host: []) == "")
    }

    @Test func `says that there is no endpoint, or a private one`() {
        #expect(notice(nil, host: ["203.0.113.9"]) == "Devices cannot connect: their files name no endpoint.")
        #expect(notice("10.0.0.5:51820", host: ["203.0.113.9"]).hasSuffix("which is not reachable from the Internet. Is that the right address?"))
    }
}
