// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Linux
import Net
import Testing

@testable import Relay

/// SOAK_MINUTES, as for other long tests, compares a million packets.
private let rounds = ProcessInfo.processInfo.environment["SOAK_MINUTES"] == nil ? 30_000 : 1_000_000

/// Random numbers from a seed (SplitMix64).
private struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        let a = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        let b = (a ^ a >> 27) &* 0x94D0_49BB_1331_11EB
        return b ^ b >> 31
    }

    mutating func pick<T>(_ values: [T]) -> T { values.randomElement(using: &self)! }
}

/// A packet between two of four members: its slots are the last numbers of its addresses.
private struct Sample {
    var from: UInt32
    var to: UInt32
    var isV4: Bool
    /// 6, 17, a ping (1 or 58) or a protocol without ports.
    var number: UInt8
    var sourcePort: UInt16 = 0
    var port: UInt16 = 0
    /// The flags of TCP.
    var flags: UInt8 = 0
    /// True for an echo request.
    var isRequest = false

    init(_ random: inout Seeded) {
        from = random.pick([1, 2, 3, 4])
        to = random.pick([1, 2, 3, 4].filter { [from] in $0 != from })
        isV4 = Bool.random(using: &random)
        number = random.pick([6, 6, 17, isV4 ? 1 : 58, 47])
        let ports = [22, 80, 5000] as [UInt16]
        switch number {
        case 6:
            (sourcePort, port) = (random.pick(ports), random.pick(ports))
            flags = random.pick([0x02, 0x02, 0x12, 0x10, 0x10, 0x11, 0x04])
        case 17: (sourcePort, port) = (random.pick(ports), random.pick(ports))
        case 1, 58:
            sourcePort = random.pick([7, 8])
            isRequest = Bool.random(using: &random)
        default: break
        }
    }

    /// Writes it to 64 bytes of memory.
    func write(to base: UnsafeMutableRawPointer) -> IPPacket {
        base.initializeMemory(as: UInt8.self, repeating: 0, count: 64)
        let header = isV4 ? 20 : 40
        base.store8(isV4 ? 0x45 : 0x60, at: 0)
        base.storeBE(isV4 ? 40 : 20 as UInt16, at: isV4 ? 2 : 4)
        base.store8(number, at: isV4 ? 9 : 6)
        base.storeBE(0x0A00_0000 | from, at: isV4 ? 12 : 20)
        base.storeBE(0x0A00_0000 | to, at: isV4 ? 16 : 36)
        switch number {
        case 6:
            (base + header).storeBE(sourcePort, at: 0)
            (base + header).storeBE(port, at: 2)
            base.store8(0x50, at: header + 12)
            base.store8(flags, at: header + 13)
        case 17:
            (base + header).storeBE(sourcePort, at: 0)
            (base + header).storeBE(port, at: 2)
        case 1, 58:
            base.store8(isV4 ? (isRequest ? 8 : 0) : (isRequest ? 128 : 129), at: header)
            (base + header).storeBE(sourcePort, at: 4)
        default: break
        }
        return try! IPPacket(at: base, available: 64)
    }
}

/// The same as the table of flows, without its tricks: a dictionary, and rules one after the other (Documentation/rules.md, section 2).
private struct Model {
    private struct Name: Hashable {
        let ends: Set<[UInt32]>
        let number: UInt8
        let isV4: Bool
    }

    private enum Stage { case opening, answered, closing, closed }

    private struct Flow {
        let initiator: UInt32
        var stage: Stage
        /// In nanoseconds.
        var seen: UInt64
        var epoch: Int
    }

    var rules: [Rule] = []
    var end = Rule.Action.allow
    /// Counts changes of the rules.
    var epoch = 0
    private var flows: [Name: Flow] = [:]

    mutating func judge(_ packet: Sample, now: UInt64) -> RuleVerdict {
        let ports = packet.number == 1 || packet.number == 58 ? (packet.sourcePort, packet.sourcePort) : (packet.sourcePort, packet.port)
        let name = Name(
            ends: [[packet.from, UInt32(ports.0)], [packet.to, UInt32(ports.1)]], number: packet.number, isV4: packet.isV4)
        let opens = packet.number == 6 ? packet.flags & 0x12 == 2 : packet.isRequest
        let known = flows[name].flatMap { now < $0.seen + patience($0, packet.number) ? $0 : nil }
        if let known, let kept = go(on: known, packet, opens: opens, now: now) {
            flows[name] = kept
            return .known
        }
        // What the rules no longer allow ends; what is only opened anew stays until the rules allow the new one.
        if let known, known.epoch != epoch, !isReopened(known, packet, opens: opens) { flows[name] = nil }
        let (rule, action) = decide(from: packet.from, to: packet.to, packet, port: packet.port)
        guard action == .allow else { return .refused(rule: rule, action) }
        let stage: Stage = packet.number != 6 ? .opening : packet.flags & 4 != 0 ? .closed : packet.flags & 1 != 0 ? .closing : .opening
        flows[name] = Flow(initiator: packet.from, stage: stage, seen: now, epoch: epoch)
        return .allowed(rule: rule)
    }

    private func isReopened(_ flow: Flow, _ packet: Sample, opens: Bool) -> Bool {
        opens && (packet.from != flow.initiator || flow.stage == .closing || flow.stage == .closed)
    }

    /// The flow after this packet, if the packet belongs to it and the rules still allow it.
    private func go(on flow: Flow, _ packet: Sample, opens: Bool, now: UInt64) -> Flow? {
        guard !isReopened(flow, packet, opens: opens) else { return nil }
        var flow = flow
        let isAnswer = packet.from != flow.initiator
        if flow.epoch != epoch {
            let (from, to, port) = isAnswer ? (packet.to, packet.from, packet.sourcePort) : (packet.from, packet.to, packet.port)
            guard decide(from: from, to: to, packet, port: port).action == .allow else { return nil }
            flow.epoch = epoch
        }
        if packet.number == 6, packet.flags & 4 != 0 {
            flow.stage = .closed
        } else if packet.number == 6, packet.flags & 1 != 0, flow.stage != .closed {
            flow.stage = .closing
        } else if flow.stage == .opening, isAnswer {
            flow.stage = .answered
        }
        // The time is written to about a second.
        if now > flow.seen + 1_000_000_000 { flow.seen = now }
        return flow
    }

    private func decide(from: UInt32, to: UInt32, _ packet: Sample, port: UInt16) -> (rule: Int, action: Rule.Action) {
        let holds = { (party: Rule.Party, member: UInt32) -> Bool in
            switch party {
            case .any: true
            case .members(let members): members.contains(member)
            case .prefix, .internet: false
            }
        }
        let port = packet.number == 6 || packet.number == 17 ? port : 0
        for (place, rule) in rules.enumerated()
        where holds(rule.from, from) && holds(rule.to, to) && rule.service.holds(number: packet.number, port: port) {
            return (place, rule.action)
        }
        return (rules.count, end)
    }

    private func patience(_ flow: Flow, _ number: UInt8) -> UInt64 {
        let seconds: UInt64 =
            switch (number, flow.stage) {
            case (6, .opening): 60
            case (6, .answered): 2 * 3600 + 4 * 60
            case (6, .closing): 240
            case (6, .closed): 10
            case (17, .opening): 30
            case (17, _): 180
            case (1, _), (58, _): 30
            default: 600
            }
        return seconds * 1_000_000_000
    }
}

@Suite struct `The table of flows and a slow one` {
    private final class Holder {
        let table = FlowTable()
        let memory = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 8)
        deinit { memory.deallocate() }
    }

    /// A failure prints the seed and the packet.
    @Test func `say the same about random packets under changing rules`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = Seeded(state: seed)
        let holder = Holder()
        var (model, snapshot) = (Model(), Self.snapshot(Model()))
        var now: UInt64 = 1_000_000_000
        var verdicts: [String: Int] = [:]
        for round in 0..<rounds {
            if round % 200 == 0 {
                model.rules = (0..<random.pick([0, 1, 3, 8])).map { _ in Self.rule(&random) }
                (model.end, model.epoch) = (random.pick([.allow, .deny]), model.epoch + 1)
                snapshot = Self.snapshot(model)
            }
            now += random.pick([1_000, 1_000_000, 300_000_000, 2_000_000_000]) + (random.pick(Array(0..<100)) == 0 ? 65_000_000_000 : 0)
            let sample = Sample(&random)
            let expected = model.judge(sample, now: now)
            let verdict = withExtendedLifetime(snapshot) {
                holder.table.judge(
                    sample.write(to: holder.memory), from: sample.from, to: sample.to, under: Unmanaged.passUnretained(snapshot),
                    now: Instant(nanoseconds: now))
            }
            guard verdict == expected else {
                Issue.record("seed \(seed), packet \(round), \(sample): \(verdict) instead of \(expected)")
                return
            }
            switch verdict {
            case .known: verdicts["known", default: 0] += 1
            case .allowed: verdicts["allowed", default: 0] += 1
            case .refused: verdicts["refused", default: 0] += 1
            case .unreadable: break
            }
        }
        // Each verdict was a frequent one, and no flow had to make room for another.
        #expect(verdicts.count == 3 && verdicts.values.allSatisfy { $0 > rounds / 50 }, "\(verdicts)")
        #expect(holder.table.evicted == 0)
    }

    private static func rule(_ random: inout Seeded) -> Rule {
        let parties: [Rule.Party] = [.any, .members([1]), .members([2, 3]), .members([4])]
        let services = ["any", "tcp", "tcp 22", "tcp 80, 5000", "udp", "udp 22", "icmp", "47"]
        return Rule(
            random.pick([.allow, .allow, .deny, .reset]), from: random.pick(parties), to: random.pick(parties),
            service: TransportService(random.pick(services))!)
    }

    private static func snapshot(_ model: Model) -> Snapshot {
        let count = model.rules.count + 1
        let book = RuleBook(
            RuleSet(model.rules, end: model.end), cells: Array(repeating: 0, count: count), numbers: Array(repeating: 0, count: count))
        return Snapshot(number: UInt64(model.epoch), table: ForwardingTable().decisions, mtus: [], book: book, hubAddresses: [])
    }
}
