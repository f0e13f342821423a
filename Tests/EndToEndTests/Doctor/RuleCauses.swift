// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Words

/// Causes in the hub's rules, in the files on the devices and on their paths: with three devices whose sessions are healthy.
enum RuleCauses {
    static func run(in lab: Lab) throws -> [Verdict] {
        let clinic = try Clinic(lab, try Hub(in: lab))
        let anna = try clinic.admit("anna"), bert = try clinic.admit("bert"), cora = try clinic.admit("cora")
        for patient in [anna, bert, cora] { try clinic.connect(patient) }
        for patient in [bert, cora] where try !anna.machine.reaches(patient.ipv4) { throw LabError("anna does not reach \(patient.name)") }
        let causes = rules(clinic, anna, bert) + addresses(clinic, anna, bert, cora) + files(clinic, anna, bert) + paths(anna, bert)
        return causes.map(clinic.judge)
    }

    private static let whole: JSON = ["10.3.2.0/24", "fd00::3:2:0/120"]

    private static func rules(_ clinic: Clinic, _ anna: Clinic.Patient, _ bert: Clinic.Patient) -> [Cause] {
        func list(_ patient: Clinic.Patient, _ prefixes: JSON) throws { try clinic.change(patient, ["allowed_ips": prefixes]) }
        func restore() throws {
            try list(anna, .null)
            try list(bert, .null)
        }
        let only6: JSON = ["fd00::3:2:3/128"], only4: JSON = ["10.3.2.2/32"], others: JSON = ["10.3.2.200/32"]
        return [
            Cause(name: "nothing is wrong", proof: .healthy, from: anna, to: bert),
            Cause(
                name: "the lists match in different families",
                words: "^anna lists bert in IPv6 only, and bert lists anna in IPv4 only: no packet fits both lists", from: anna, to: bert,
                plant: {
                    try list(anna, only6)
                    try list(bert, only4)
                }, fix: restore),
            Cause(
                name: "bert does not list anna", words: "^The allowed IPs of bert do not hold 10.3.2.2", from: anna, to: bert,
                plant: { try list(bert, others) }, fix: restore),
            Cause(
                name: "anna does not list bert", words: "^The allowed IPs of anna do not hold 10.3.2.3", from: anna, to: bert,
                plant: { try list(anna, others) }, fix: restore),
            Cause(
                name: "neither lists the other", words: "^The allowed IPs of anna do not hold 10.3.2.3", from: anna, to: bert,
                plant: {
                    try list(anna, others)
                    try list(bert, others)
                }, fix: restore),
            Cause(
                name: "bert is disabled", words: "^bert is disabled", from: anna, to: bert,
                plant: { try clinic.change(bert, ["enabled": false]) }, fix: { try clinic.change(bert, ["enabled": true]) }),
            Cause(
                name: "anna is disabled", words: "^anna is disabled", from: anna, to: bert,
                plant: { try clinic.change(anna, ["enabled": false]) }, fix: { try clinic.change(anna, ["enabled": true]) }),
            Cause(
                name: "bert has expired", words: "^bert expired on 2020-01-01", from: anna, to: bert,
                plant: { try clinic.change(bert, ["expires_at": "2020-01-01T00:00:00Z"]) },
                fix: {
                    try clinic.change(bert, ["expires_at": .null])
                    guard try anna.machine.reaches(bert.ipv4, within: 15) else { throw LabError("the session does not come back") }
                }),
            Cause(
                name: "one stray packet from a foreign address, and nothing is wrong", proof: .healthy, from: anna, to: bert,
                plant: {
                    let machine = anna.machine
                    try machine.namespace.ip("address add 192.0.2.77/32 dev \(machine.interface)")
                    _ = try Command.run(machine.namespace.words(["ping", "-n", "-c", "1", "-W", "1", "-I", "192.0.2.77", bert.ipv4]))
                    try machine.namespace.ip("address delete 192.0.2.77/32 dev \(machine.interface)")
                }),
        ]
    }

    private static func addresses(_ clinic: Clinic, _ anna: Clinic.Patient, _ bert: Clinic.Patient, _ cora: Clinic.Patient) -> [Cause] {
        let behind = "172.20.0.1"
        func list(_ prefixes: JSON) throws { try clinic.change(anna, ["allowed_ips": prefixes]) }
        return [
            Cause(
                name: "an address behind bert that is not in his routes",
                words: "^No device owns 172.20.0.1. If it is behind bert, add 172.20.0.0/24 to the routes of bert", from: anna, to: bert,
                address: behind,
                plant: {
                    try list(["10.3.2.0/24", "fd00::3:2:0/120", "172.20.0.0/24"])
                    try anna.machine.namespace.ip("route replace 172.20.0.0/24 dev \(anna.machine.interface)")
                    try clinic.fetch(anna)
                    try anna.machine.reload(anna.file)
                }),
            Cause(
                name: "the same address, asked without a device", words: "^No device owns 172.20.0.1. If it is behind a device, add", from: anna,
                address: behind),
            Cause(
                name: "an address behind bert that a longer route of cora covers",
                words: "^172.20.0.1 belongs to cora, through its route 172.20.0.0/28", from: anna, to: bert, address: behind,
                plant: {
                    try clinic.change(bert, ["routes": ["172.20.0.0/24"]])
                    try clinic.change(cora, ["routes": ["172.20.0.0/28"], "allow_overlap": true])
                }, fix: { try clinic.change(cora, ["routes": []]) }),
            Cause(
                name: "an address behind bert to which he does not forward",
                words: "^bert answers, but 172.20.0.1 behind it does not: it is off, or bert does not forward", needsTest: true, from: anna,
                address: behind),
            Cause(
                name: "an address behind bert that anna does not list", words: "^The allowed IPs of anna do not hold 172.20.0.1", from: anna,
                address: behind, plant: { try list(whole) }, fix: { try clinic.change(bert, ["routes": []]) }),
            Cause(
                name: "an address in the hub's network that nobody has", words: "^No device has the address 10.3.2.99", from: anna,
                address: "10.3.2.99"),
            Cause(
                name: "0.0.0.0/0, and the hub has no exit",
                words: "^No device owns 198.51.100.9, and this hub has no exit to the Internet. Take 0.0.0.0/0 out of", from: anna,
                address: "198.51.100.9",
                plant: {
                    try list(["0.0.0.0/0"])
                    try anna.machine.namespace.ip("route replace 198.51.100.0/24 dev \(anna.machine.interface)")
                    try clinic.fetch(anna)
                    try anna.machine.reload(anna.file)
                },
                fix: {
                    try list(.null)
                    try clinic.fetch(anna)
                    try anna.machine.reload(anna.file)
                }),
        ]
    }

    private static func files(_ clinic: Clinic, _ anna: Clinic.Patient, _ bert: Clinic.Patient) -> [Cause] {
        func narrow(_ patient: Clinic.Patient, to prefix: String) throws {
            try patient.machine.reload(patient.file.replacing(/AllowedIPs = .*/, with: "AllowedIPs = \(prefix)"))
        }
        return [
            Cause(
                name: "the file on bert leaves anna out",
                words: "^bert is connected but does not answer .*: the file on bert does not let anna in, or its firewall drops pings",
                needsTest: true, from: anna, to: bert, plant: { try narrow(bert, to: "10.3.2.1/32") },
                fix: { try bert.machine.reload(bert.file) }),
            Cause(
                name: "the file on anna leaves bert out",
                words: "^anna is connected but does not answer .*: the file on anna does not let bert in, or its firewall drops pings",
                needsTest: true, from: anna, to: bert, plant: { try narrow(anna, to: "10.3.2.1/32") },
                fix: { try anna.machine.reload(anna.file) }),
            Cause(
                name: "the firewall of bert drops pings",
                words: "^bert is connected but does not answer .*: the file on bert does not let anna in, or its firewall drops pings",
                needsTest: true, from: anna, to: bert,
                plant: {
                    try bert.machine.namespace.firewall(
                        """
                        table inet host { chain arrival { type filter hook input priority filter; meta l4proto { icmp, icmpv6 } drop; }; }
                        """)
                }, fix: { try bert.machine.namespace.firewall("") }),
        ]
    }

    /// A stretch of the way that drops datagrams above this size and tells nobody.
    private static func paths(_ anna: Clinic.Patient, _ bert: Clinic.Patient) -> [Cause] {
        func hole(_ patient: Clinic.Patient, above byteCount: Int) throws {
            try patient.machine.nat.namespace.expect(
                ["nft", "-f", "-"],
                input: """
                    table inet hole { chain passage { type filter hook forward priority -5; meta l4proto udp meta length > \(byteCount) drop; }; }

                    """)
        }
        func fill(_ patient: Clinic.Patient) throws { try patient.machine.nat.namespace.expect(["nft", "delete", "table", "inet", "hole"]) }
        return [
            Cause(
                name: "the path of bert drops large packets",
                words: "^Packets of 1,420 bytes do not pass between the hub and bert, 1,200 do: set its MTU to 1200", proof: .largeLost,
                needsTest: true, from: anna, to: bert, plant: { try hole(bert, above: 1260) }, fix: { try fill(bert) }),
            Cause(
                name: "the MTU of anna is larger than her path",
                words: "^Packets of 1,420 bytes do not pass between the hub and anna, 1,392 do: set its MTU to 1392", proof: .largeLost,
                needsTest: true, from: anna, to: bert, plant: { try hole(anna, above: 1460) }, fix: { try fill(anna) }),
        ]
    }
}
