// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Foundation
import Net
import WireGuard
import Words

/// Causes for which a device has no session: each on a machine of its own, all planted at once, since most show only after some seconds. Anna
/// is healthy and pings all others.
enum SessionCauses {
    static func run(in lab: Lab) throws -> [Verdict] {
        let clinic = try Clinic(lab, try Hub(in: lab))
        let anna = try clinic.admit("anna")
        try clinic.connect(anna)
        let slow = try slow(clinic, anna)
        // The one whose keepalive repairs it after 100 s is planted last and judged first.
        let causes = try slow.dropLast() + keys(clinic, anna) + hosts(clinic, anna) + slow.suffix(1)
        for cause in causes {
            try cause.plant()
            if let to = cause.to { try clinic.keepPinging(anna, to) }
        }
        // The slowest sign: the hub gives a device 15 s to answer before it begins a new handshake, and that one 6 s more.
        sleep(.seconds(24))
        return causes.reversed().map { cause in
            var planted = cause
            planted.plant = {}
            return clinic.judge(planted)
        }
    }

    /// What depends on time.
    private static func slow(_ clinic: Clinic, _ anna: Clinic.Patient) throws -> [Cause] {
        let twins = try clinic.admit("twins")
        let second = try Client("twins2", in: clinic.lab)
        let drowsy = try clinic.admit("drowsy", [("persistent_keepalive", 100)], udpTimeout: 3)
        return [
            Cause(
                name: "two machines have one private key", words: "^Two machines seem to use this key in turn", proof: .unsteady, from: anna,
                to: twins,
                plant: {
                    try clinic.connect(twins)
                    try second.up(twins.file)
                    for machine in [twins.machine, second] {
                        let words = machine.namespace.words(["ping", "-n", "-i", "0.5", "10.3.2.1"])
                        clinic.keep(try BackgroundProcess("\(machine.name)-speaks", words, folder: clinic.lab.folder))
                    }
                }),
            Cause(
                name: "the NAT forgets before the keepalive",
                words:
                    "^drowsy was heard .* and does not answer: a NAT or firewall closes the way back before its keepalive of 100 s, or it was switched off. Set its keepalive to 25",
                from: anna, to: drowsy,
                plant: {
                    // A session without data: nobody owes the other a sign of life, which would open the way back again.
                    try clinic.connect(drowsy)
                    try wait("drowsy's session") {
                        try clinic.call("GET", "/devices/\(drowsy.id)")["status"]?["state"]?.string == "online" ? true : nil
                    }
                    // Longer than its mapping lives.
                    sleep(.seconds(6))
                }),
        ]
    }

    private static func keys(_ clinic: Clinic, _ anna: Clinic.Patient) throws -> [Cause] {
        let names = ["peter", "paula", "petra", "otto", "uhura", "rosa", "nemo"]
        let patients = try Dictionary(names.map { ($0, try clinic.admit($0)) }) { $1 }
        func key() throws -> JSON { .string(try Command.expect(["wg", "genpsk"]).trimmingCharacters(in: .whitespacesAndNewlines)) }
        func connected(_ patient: Clinic.Patient) throws {
            try clinic.connect(patient)
            guard try anna.machine.reaches(patient.ipv4, within: 10) else { throw LabError("\(patient.name) was never there") }
        }
        func cause(_ name: String, _ words: String, _ patient: String, _ plant: @escaping (Clinic.Patient) throws -> Void) -> Cause {
            let patient = patients[patient]!
            return Cause(name: name, words: words, from: anna, to: patient, plant: { try plant(patient) })
        }
        return [
            cause("only the hub has a preshared key", "^peter has another preshared key than the hub", "peter") { patient in
                try clinic.change(patient, ["preshared_key": key()])
                try clinic.connect(patient)
            },
            cause("only the device has a preshared key", "^paula has (a|another) preshared key", "paula") { patient in
                let line = "AllowedIPs"
                try patient.machine.up(
                    patient.file.replacing(line, with: "PresharedKey = \(key().string ?? "")\n\(line)", maxReplacements: 1))
            },
            cause("hub and device have different preshared keys", "^petra has another preshared key than the hub", "petra") { patient in
                try clinic.change(patient, ["preshared_key": key()])
                try clinic.fetch(patient)
                try connected(patient)
                try patient.machine.down()
                try clinic.change(patient, ["preshared_key": key()])
                try clinic.connect(patient)
            },
            cause(
                "the device's file has another hub's key", "^Handshakes from 203.0.113.* where otto was last, use another hub's key", "otto"
            ) {
                patient in
                try connected(patient)
                let other = PrivateKey.generate().publicKey.base64
                try clinic.reconnect(patient, with: patient.file.replacing(/PublicKey = .*/, with: "PublicKey = \(other)"))
            },
            cause("the device's clock was ahead once", "^Handshakes of uhura are refused: its clock was ahead by 36[45] d once", "uhura") { patient in
                try connected(patient)
                try patient.machine.down()
                try sendInitiation(of: patient, aheadBy: 365 * 86_400)
                try clinic.connect(patient)
            },
            cause("the key was rotated, and the device has its old file", "^rosa got a new key and has not connected with it yet", "rosa") {
                patient in
                try connected(patient)
                try clinic.call("POST", "/devices/\(patient.id)/rotate-key")
            },
            cause("the device never connected", "^Nobody has connected with the key of nemo yet: it does not have its file, or it cannot", "nemo") {
                _ in
            },
        ]
    }

    private static func hosts(_ clinic: Clinic, _ anna: Clinic.Patient) throws -> [Cause] {
        let deaf = try clinic.admit("deaf"), gone = try clinic.admit("gone"), fenced = try clinic.admit("fenced"), lost = try clinic.admit("lost")
        let hubAddress = clinic.hub.addresses.v4
        let port = try clinic.admit("porter", [("persistent_keepalive", 2), ("endpoint", .string("\(hubAddress):51999"))])
        let astray = try clinic.admit("astray", [("persistent_keepalive", 2), ("endpoint", "203.0.113.250:51820")])
        func connected(_ patient: Clinic.Patient) throws {
            try clinic.connect(patient)
            guard try anna.machine.reaches(patient.ipv4, within: 10) else { throw LabError("\(patient.name) was never there") }
        }
        return [
            Cause(
                name: "the hub's answers do not pass the NAT",
                words:
                    "^The network of deaf drops our answers: [0-9]+ handshakes were|^deaf has another preshared key than the hub, or its network drops our answers",
                from: anna, to: deaf,
                plant: {
                    try deaf.machine.nat.namespace.expect(
                        ["nft", "-f", "-"],
                        input: """
                            table inet fault { chain passage { type filter hook forward priority -5; iifname "wire" udp sport 51820 drop; }; }

                            """)
                    try clinic.connect(deaf)
                }),
            Cause(
                name: "the device is off since half a minute",
                words: "^gone is off or cut off: it was last heard .*ago, and should send something every 2 s",
                from: anna, to: gone,
                plant: {
                    try connected(gone)
                    gone.machine.kill()
                }),
            Cause(
                name: "the hub's host does not let packets to the device out",
                words: "^The hub's host does not permit sending to 203.0.113.*, where fenced is", from: anna, to: fenced,
                plant: {
                    try connected(fenced)
                    try clinic.hub.namespace.expect(
                        ["nft", "-f", "-"],
                        input: """
                            table inet fence { chain leave { type filter hook output priority 0; ip daddr \(fenced.machine.nat.outside.v4) drop; }; }

                            """)
                }),
            Cause(
                name: "the hub's host has no route to the device", words: "^The hub's host has no route to 203.0.113.*, where lost is", from: anna,
                to: lost,
                plant: {
                    try connected(lost)
                    try clinic.hub.namespace.ip("route add unreachable \(lost.machine.nat.outside.v4)/32")
                }),
            Cause(
                name: "the device's file names a port where the hub is not",
                words: "^The file of porter names port 51999, but the hub listens on port 51820",
                from: anna, to: port, plant: { try clinic.connect(port) }),
            Cause(
                name: "the device's file names another machine",
                words: "^Nobody has connected with the key of astray yet: it does not have its file, or it cannot reach 203.0.113.250:51820",
                from: anna,
                to: astray, plant: { try clinic.connect(astray) }),
        ]
    }

    /// An initiation such as the device sends while its clock is wrong. Nobody waits for the answer.
    private static func sendInitiation(of patient: Clinic.Patient, aheadBy seconds: UInt64) throws {
        func value(_ key: String) throws -> String {
            guard let line = patient.file.split(separator: "\n").first(where: { $0.hasPrefix("\(key) = ") }) else { throw LabError("no \(key)") }
            return String(line.dropFirst(key.count + 3))
        }
        guard let key = PrivateKey(base64: try value("PrivateKey")), let hub = PublicKey(base64: try value("PublicKey")) else {
            throw LabError("no keys in the file of \(patient.name)")
        }
        var handshake = PeerHandshake(publicKey: hub, presharedKey: nil)
        let now = UInt64(Date.now.timeIntervalSince1970 + Double(seconds)) * 1_000_000_000
        var message = [UInt8](repeating: 0, count: 148)
        let isWritten = message.withUnsafeMutableBytes {
            handshake.createInitiation(
                identity: Identity(privateKey: key), localIndex: 7, ephemeral: .generate(), timestamp: Timestamp(unixNanoseconds: now),
                now: Instant(nanoseconds: 1), to: $0.baseAddress!)
        }
        guard isWritten else { throw LabError("no initiation") }
        let file = patient.machine.folder.appendingPathComponent("\(patient.name).initiation")
        try Data(message).write(to: file)
        try patient.machine.namespace.expect(["socat", "-u", "FILE:\(file.path)", "UDP:\(value("Endpoint"))"])
    }
}
