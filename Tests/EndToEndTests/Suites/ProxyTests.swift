// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Testing

/// The configurations of Documentation/proxies.md, in front of a running hub. Clients are other machines.
@Suite(.needsLab)
struct `Behind a reverse proxy` {
    private typealias Stage = (hub: Hub, proxy: ReverseProxy, client: PortalClient.Door, address: String)

    private func run(_ kind: ReverseProxy.Kind, _ body: (Lab, Stage) throws -> Void) throws {
        try Lab.run { lab in
            let proxy = try ReverseProxy(kind, in: lab)
            let hub = try Hub(in: lab, environment: proxy.options)
            try proxy.start(before: hub, in: lab)
            let client = try lab.publicHost("client")
            // Each of its requests claims to come from somebody else.
            let door = proxy.door(from: client.namespace, to: hub.addresses.v4, headers: ["X-Forwarded-For: 198.51.100.99"])
            try body(lab, (hub, proxy, door, client.addresses.v4))
        }
    }

    @Test(arguments: ReverseProxy.Kind.allCases)
    func `sign-in, forms, secure cookies, the redirect to HTTPS and uploads up to the limit work`(kind: ReverseProxy.Kind) throws {
        try run(kind) { lab, stage in
            let (origin, options) = (stage.client.origin, stage.client.options)
            let plain = try stage.client.namespace.request("GET", "http://\(ReverseProxy.host)/devices?q=a", options: options)
            #expect([301, 308].contains(plain.status))
            #expect(plain.headers["location"] == "\(origin)/devices?q=a")

            let admin = try PortalClient(settingUp: stage.hub, in: lab, through: stage.client)
            let jar = try String(contentsOf: admin.cookies, encoding: .utf8)
            #expect(jar.contains(/#HttpOnly_hub\.example\.org\tFALSE\t\/\tTRUE\t0\t__Host-sid\t/), "\(jar)")
            _ = try admin.add("nas")
            let page = try admin.get("/devices")
            #expect(page.status == 200 && page.body.contains(">nas<"))
            #expect(page.headers["strict-transport-security"] == "max-age=31536000")

            let token = try stage.hub.command("token", "create", "--name", "t", "--scope", "devices").trimmingCharacters(in: .newlines)
            func upload(_ name: String, byteCount: Int) throws -> HTTPAnswer {
                let json = "{\"name\": \"\(name)\"}"
                return try stage.client.namespace.request(
                    "POST", "\(origin)/api/v1/devices", headers: ["Authorization: Bearer \(token)", "Content-Type: application/json"],
                    body: json + String(repeating: " ", count: byteCount - json.utf8.count), options: options)
            }
            #expect(try upload("large", byteCount: 1 << 20).status == 201)
            let refused = try upload("larger", byteCount: 1 << 20 + 1)
            #expect(refused.status == 413 && refused.headers["content-type"] == "application/problem+json", "\(refused)")
            #expect(!stage.hub.log.contains("level=error"))
        }
    }

    @Test(arguments: ReverseProxy.Kind.allCases)
    func `the audit log and the throttle see the client, whatever it claims to be`(kind: ReverseProxy.Kind) throws {
        try run(kind) { lab, stage in
            let admin = try PortalClient(settingUp: stage.hub, in: lab, through: stage.client)
            _ = try admin.add("nas")
            var statuses: [Int] = []
            // The wait doubles from the fifth on, so that it soon is longer than a guess takes, however busy the machine is.
            for number in 0..<14 where !statuses.contains(429) {
                var door = stage.client
                door.headers = ["X-Forwarded-For: 198.51.100.\(number)"]
                let guesser = PortalClient(door, in: lab, name: "guesser-\(number)")
                statuses.append(try guesser.post(form: "/login", on: "/login", ["email": PortalClient.email, "password": "wrong"]).status)
            }
            #expect(statuses.count > 5 && statuses.last == 429, "\(statuses)")
            #expect(statuses.dropLast().allSatisfy { $0 == 422 }, "\(statuses)")
            // Another machine behind the same proxy does not wait.
            let other = try lab.publicHost("other")
            let colleague = PortalClient(stage.proxy.door(from: other.namespace, to: stage.hub.addresses.v4), in: lab, name: "colleague")
            try colleague.submit(form: "/login", on: "/login", ["email": PortalClient.email, "password": PortalClient.password])
            let log = try stage.hub.command("audit", "list")
            #expect(log.contains(stage.address) && log.contains(other.addresses.v4), "\(log)")
            #expect(!log.contains("198.51.100.") && !log.contains("127.0.0.1"), "\(log)")
        }
    }

    @Test(arguments: ReverseProxy.Kind.allCases)
    func `events arrive at once`(kind: ReverseProxy.Kind) throws {
        try run(kind) { lab, stage in
            let admin = try PortalClient(settingUp: stage.hub, in: lab, through: stage.client)
            let nas = try admin.add("nas")
            let words = ["curl", "--silent", "--no-buffer", "--cookie", admin.cookies.path] + stage.client.options
            let url = "\(stage.client.origin)/events?devices=\(nas.id)&page=\(nas.id)"
            let stream = try BackgroundProcess("events", stage.client.namespace.words(words + [url]), folder: lab.folder)
            lab.atTearDown { stream.kill() }
            let versions = { stream.output.matches(of: /event: version/).count }
            try wait("the begin of the stream", upTo: .seconds(10)) { stream.output.contains("retry: 3000") && versions() > 0 ? true : nil }
            let before = versions()
            try admin.submit(form: "/devices/\(nas.id)/disable", on: "/devices/\(nas.id)", [:])
            try wait("the change", upTo: .seconds(6)) { versions() > before ? true : nil }
            #expect(stream.isRunning)
        }
    }
}
