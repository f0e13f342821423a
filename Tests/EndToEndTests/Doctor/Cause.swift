// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation

/// One cause for which a device does not reach another: how to plant it, how real pings prove it, and how the doctor must name it.
struct Cause {
    /// What real pings from the sender must show.
    enum Proof {
        /// Nothing arrives.
        case broken
        /// Everything arrives: the doctor must find nothing.
        case healthy
        /// Small packets arrive and large ones do not.
        case largeLost
        /// Two machines take turns; pings may or may not arrive.
        case unsteady
    }

    let name: String
    /// How the doctor must name the cause: the first failure matches. Not used for a healthy link.
    var words = ""
    var proof = Proof.broken
    /// Nobody can know it without a test. Before one, the doctor must at least claim nothing else.
    var needsTest = false
    let from: Clinic.Patient
    var to: Clinic.Patient?
    var address: String?
    var plant: () throws -> Void = {}
    /// Undoes `plant` for the next cause.
    var fix: () throws -> Void = {}
}

/// What became of one cause.
struct Verdict {
    let name: String
    /// Whether the API, the API with a test, and the command named it.
    var named: [Bool] = []
    /// Wrong words, and other surprises.
    var remarks: [String] = []

    var isNamed: Bool { named.count == 3 && named.allSatisfy { $0 } && remarks.isEmpty }

    var line: String {
        let marks = named.map { $0 ? "yes" : "NO " }.joined(separator: "  ")
        return "\(isNamed ? " " : "!") \(marks)  \(name)" + remarks.map { "\n      \($0)" }.joined()
    }
}

extension Clinic {
    /// Plants a cause, proves it, asks three ways, and fixes it.
    func judge(_ cause: Cause) -> Verdict {
        var verdict = Verdict(name: cause.name)
        do {
            try cause.plant()
            try prove(cause, &verdict)
            let before = try read(cause.from, cause.to, cause.address)
            let tested = try probe(cause.from, cause.to, cause.address)
            let after = cause.needsTest ? try read(cause.from, cause.to, cause.address) : before
            let told = try ask(cause.from, cause.to, cause.address)
            if cause.needsTest, !before.cause.isEmpty, !isNamed(cause, before) { verdict.remarks.append("before a test: “\(before.cause)”") }
            for (way, opinion) in [("API", after), ("test", tested), ("command", told)] {
                verdict.named.append(isNamed(cause, opinion))
                if verdict.named.last == false { verdict.remarks.append("\(way): “\(opinion.cause)”") }
            }
            try cause.fix()
            // Who repairs something tests again; until then, the hub remembers what the last test proved.
            if cause.needsTest { _ = try probe(cause.from, cause.to, cause.address) }
        } catch {
            verdict.remarks.append("\(error)")
        }
        return verdict
    }

    private func isNamed(_ cause: Cause, _ opinion: Opinion) -> Bool {
        guard cause.proof != .healthy else { return opinion.cause.isEmpty && opinion.reaches }
        // Two alternatives at most: a sentence that lists everything diagnoses nothing.
        let alternatives = opinion.cause.matches(of: #/, or /#).count + 1
        return (try? Regex(cause.words).firstMatch(in: opinion.cause)) != nil && alternatives <= 2
    }

    private func prove(_ cause: Cause, _ verdict: inout Verdict) throws {
        let address = cause.address ?? cause.to?.ipv4 ?? ""
        let machine = cause.from.machine
        let isTrue =
            switch cause.proof {
            case .broken: try machine.ping(address, count: 2).nothingCame
            case .healthy: try machine.ping(address, count: 3).nothingLost
            case .largeLost: try machine.ping(address, count: 2).nothingLost && machine.ping(address, count: 2, byteCount: 1372).nothingCame
            case .unsteady: true
            }
        if !isTrue { verdict.remarks.append("not proved by pings") }
    }
}
