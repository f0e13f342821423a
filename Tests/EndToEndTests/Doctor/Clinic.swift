// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Words

/// A hub with stock clients, in which causes are planted and the doctor is asked.
final class Clinic {
    /// A device of the hub and the machine that has its file.
    final class Patient {
        let id: String
        let name: String
        let ipv4: String
        let machine: Client
        var file = ""

        init(id: String, name: String, ipv4: String, machine: Client) {
            (self.id, self.name, self.ipv4, self.machine) = (id, name, ipv4, machine)
        }
    }

    let lab: Lab
    let hub: Hub
    private let token: String
    private var pings: [BackgroundProcess] = []

    init(_ lab: Lab, _ hub: Hub) throws {
        self.lab = lab
        self.hub = hub
        token = try hub.command("token", "create", "--name", "clinic", "--scope", "read", "--scope", "devices", "--scope", "settings")
            .trimmingCharacters(in: .whitespacesAndNewlines)
        lab.atTearDown { [weak self] in self?.pings.forEach { $0.kill() } }
    }

    // MARK: The hub

    /// A call of the API; the answer must be a success.
    @discardableResult
    func call(_ method: String, _ path: String, _ body: JSON? = nil) throws -> JSON {
        let answer = try request(method, path, body)
        guard (200..<300).contains(answer.status) else { throw LabError("\(method) \(path): \(answer.status) \(answer.body)") }
        return answer.body.isEmpty ? .null : try JSON(parsing: Array(answer.body.utf8))
    }

    /// A call of the API, repeated while the hub says that too many tests run.
    private func request(_ method: String, _ path: String, _ body: JSON?) throws -> HTTPAnswer {
        let fields = ["Authorization: Bearer \(token)"] + (body == nil ? [] : ["Content-Type: application/json"])
        let text = body.map { String(decoding: $0.bytes, as: UTF8.self) }
        return try wait("room for a test") {
            let answer = try hub.namespace.request(method, "http://127.0.0.1:8080/api/v1\(path)", headers: fields, body: text)
            if answer.status == 429 { sleep(.milliseconds(200)) }
            return answer.status == 429 ? nil : answer
        }
    }

    /// Changes a device, and waits until the engine has it.
    func change(_ patient: Patient, _ members: JSON) throws {
        try call("PATCH", "/devices/\(patient.id)", members)
        try wait("the engine to have the change") { try call("GET", "/devices/\(patient.id)")["status"]?["applied"] == true ? true : nil }
    }

    // MARK: Machines

    /// A device with its machine, which does not have its file yet.
    func admit(_ name: String, _ members: [(String, JSON)] = [("persistent_keepalive", 2)], udpTimeout: Int? = nil) throws -> Patient {
        let device = try call("POST", "/devices", .object([("name", .string(name))] + members))
        guard let id = device["id"]?.string, let ipv4 = device["ipv4"]?.string else { throw LabError("no device: \(device)") }
        let patient = Patient(id: id, name: name, ipv4: ipv4, machine: try Client(name, in: lab, udpTimeout: udpTimeout))
        try fetch(patient)
        return patient
    }

    /// Reads the device's file, and says that the device has it.
    func fetch(_ patient: Patient) throws {
        let fields = ["Authorization: Bearer \(token)"]
        let answer = try hub.namespace.request("GET", "http://127.0.0.1:8080/api/v1/devices/\(patient.id)/config", headers: fields)
        guard answer.status == 200 else { throw LabError("no file: \(answer.body)") }
        patient.file = answer.body
        _ = try call("POST", "/devices/\(patient.id)/installed", .object([]))
    }

    /// Puts the file on the machine.
    func connect(_ patient: Patient) throws { try patient.machine.up(patient.file) }

    /// Ends the client and starts it again with another file.
    func reconnect(_ patient: Patient, with file: String) throws {
        try patient.machine.down()
        try patient.machine.up(file)
    }

    /// Pings without end, once in a second, as a user does who wonders.
    func keepPinging(_ from: Patient, _ to: Patient) throws {
        let words = from.machine.namespace.words(["ping", "-n", "-i", "1", to.ipv4])
        keep(try BackgroundProcess("\(from.name)-wonders-\(to.name)", words, folder: lab.folder))
    }

    /// Ends the process with the lab.
    func keep(_ process: BackgroundProcess) { pings.append(process) }

    // MARK: The doctor

    /// What the doctor says in one way: the cause in words; empty if nothing is wrong.
    struct Opinion {
        var cause: String
        var reaches: Bool
        /// The steps that were not checked.
        var untested: [String]

        init(_ json: JSON) throws {
            guard case .bool(let reaches)? = json["reaches"], let checks = json["checks"]?.array else { throw LabError("no answer: \(json)") }
            self.reaches = reaches
            cause = json["cause"]?.string ?? ""
            untested = checks.filter { $0["ok"] == .null }.compactMap { $0["name"]?.string }
        }
    }

    private func body(_ from: Patient, _ to: Patient?, _ address: String?) -> [(String, JSON)] {
        [("from", .string(from.id))] + (to.map { [("to", .string($0.id))] } ?? []) + (address.map { [("address", .string($0))] } ?? [])
    }

    /// The API, without a test.
    func read(_ from: Patient, _ to: Patient?, _ address: String?) throws -> Opinion {
        let query = body(from, to, address).map { "\($0.0)=\($0.1.string ?? "")" }.joined(separator: "&")
        return try Opinion(call("GET", "/reachability?\(query)"))
    }

    /// The API, with a test.
    func probe(_ from: Patient, _ to: Patient?, _ address: String?) throws -> Opinion {
        try Opinion(call("POST", "/reachability", .object(body(from, to, address))))
    }

    /// The command line, which always tests.
    func ask(_ from: Patient, _ to: Patient?, _ address: String?) throws -> Opinion {
        let target = to?.name ?? address ?? ""
        let more = to != nil ? address.map { ["--address", $0] } ?? [] : []
        return try wait("room for a test") {
            let output = try hub.run(words: ["doctor", from.name, target, "--json"] + more)
            guard !output.output.contains("\"limited\"") else {
                sleep(.milliseconds(300))
                return nil
            }
            return try Opinion(JSON(parsing: Array(output.output.utf8)))
        }
    }
}
