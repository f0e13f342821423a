// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Foundation

/// The JSON API with a bearer token made on the command line.
struct API {
    /// What these tests read of `GET /api/v1/status`.
    struct Status: Decodable {
        var desiredGeneration: Int
        var appliedGeneration: Int
        var devices: Int
        var online: Int
        var gateway: Gateway?

        struct Gateway: Decodable {
            var tun: String
            var egress4: String?
            var egress6: String?
            var problem: String?
        }
    }

    /// What these tests read of `GET /api/v1/devices/{id}`.
    struct Device: Decodable {
        struct Live: Decodable {
            var state: String
            var endpoint: String?
            var lastHandshakeAt: String?
            var applied: Bool
        }

        struct Effective: Decodable {
            var persistentKeepalive: Int?
        }

        var name: String
        var publicKey: String
        var effective: Effective
        var status: Live
    }

    private let hub: Hub
    private let token: String

    init(_ hub: Hub, scope: String = "read") throws {
        self.hub = hub
        token = try hub.command("token", "create", "--name", "end-to-end-\(scope)", "--scope", scope)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func status() throws -> Status { try get("/status") }

    func device(_ device: PortalClient.Device) throws -> Device { try get("/devices/\(device.id)") }

    /// Adds devices, one of each name and with one tag, over one connection.
    func add(_ devices: [(name: String, tag: String)]) throws {
        let requests = devices.map { device in
            """
            url = "http://127.0.0.1:8080/api/v1/devices"
            header = "Authorization: Bearer \(token)"
            header = "Content-Type: application/json"
            data = "{\\"name\\": \\"\(device.name)\\", \\"tags\\": [\\"\(device.tag)\\"]}"
            output = "/dev/null"
            max-time = 30
            fail
            silent
            show-error
            """
        }
        try hub.namespace.expect(["curl", "--config", "-"], input: requests.joined(separator: "\nnext\n"))
    }

    /// The samples of `/metrics`: name and labels, and the value of each. The token needs the scope `metrics`.
    func metrics() throws -> [String: Int] {
        let answer = try hub.namespace.request("GET", "http://127.0.0.1:8080/metrics", headers: ["Authorization: Bearer \(token)"])
        guard answer.status == 200 else { throw LabError("GET /metrics: \(answer.status) \(answer.body)") }
        let samples = answer.body.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { $0.split(separator: " ") }
        return Dictionary(samples.map { (String($0[0]), Int($0[1]) ?? -1) }) { $1 }
    }

    /// A GET whose answer must be 200.
    func get<Value: Decodable>(_ path: String) throws -> Value {
        let answer = try hub.namespace.request("GET", "http://127.0.0.1:8080/api/v1\(path)", headers: ["Authorization: Bearer \(token)"])
        guard answer.status == 200 else { throw LabError("GET \(path): \(answer.status) \(answer.body)") }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Value.self, from: Data(answer.body.utf8))
    }
}
