// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

@testable import Relay

/// What a peer sends in a simulation.
enum SimulatedFlow {
    /// Datagrams at a constant rate, whatever is lost.
    case steady(from: UInt32, perSecond: Int)
    /// A connection that always has something to send: it doubles its window each round trip, halves it after a loss, and grows slowly from
    /// then on. Its other end acknowledges every second datagram.
    case tcp(from: UInt32, to: UInt32)
}

/// A worker with a full queue in simulated time, in steps of 250 microseconds. It handles 40,000 datagrams per second, or ten times as many
/// that it drops before decryption. Its socket's queue has room for 300 and reports losses with the next datagram, as the kernel does.
final class SimulatedWorker {
    /// Counts by peer.
    struct Run: CustomStringConvertible {
        var sent: [UInt32: Int] = [:]
        var delivered: [UInt32: Int] = [:]
        var cut: [UInt32: Int] = [:]
        /// Lost by the queue, of all peers.
        var lost = 0

        func missing(of peer: UInt32) -> Int { sent[peer, default: 0] - delivered[peer, default: 0] }

        var description: String {
            let peers = sent.keys.sorted().map { "\($0): \(delivered[$0, default: 0]) of \(sent[$0, default: 0])" }
            return "[\(peers.joined(separator: ", ")); lost \(lost), cut \(cut.values.reduce(0, +))]"
        }
    }

    private struct Datagram {
        var peer: UInt32
        /// The connection it belongs to, and whether it acknowledges.
        var connection: Int?
        var isAcknowledgement = false
        var sentAt = 0
        var lostBefore: UInt32 = 0
    }

    private struct Connection {
        var from: UInt32
        var to: UInt32
        var window = 10.0
        var inFlight = 0
        var isStarting = true
        var unacknowledged = 0
        /// No further loss counts before this step: one per round trip.
        var deafUntil = 0
        /// Datagrams that come back to the sender, or are found missing there, at a step.
        var events: [Int: (acknowledged: Int, missing: Int)] = [:]
    }

    private static let step = Duration.microseconds(250)
    private static let stepsPerSecond = 4000
    /// Work per step, in units of a tenth of a handled datagram.
    private static let work = 100
    private static let queueLimit = 300
    /// The time outside the hub, in steps: 2 ms for the way there and back.
    private static let delay = 8

    private let shares: Bool
    private var share = FairShare()
    private var steady: [(peer: UInt32, perSecond: Int, due: Int)] = []
    private var connections: [Connection] = []
    private var waiting: [Datagram] = []
    private var work = 0
    private var head = 0
    private var lostSinceOpened: UInt32 = 0
    private var lostSeen: UInt32 = 0
    private var received: UInt64 = 0
    private var run = Run()
    private var now = Instant(nanoseconds: 1_000_000_000)
    /// What peers send in a step. It arrives in random order while the worker works.
    private var arriving: [Datagram] = []
    private var generator = Generator()

    /// The same numbers in each run.
    private struct Generator: RandomNumberGenerator {
        private var state: UInt64 = 1

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 29
        }
    }

    /// `sharing` is false for a worker without a fair share.
    init(_ flows: [SimulatedFlow], sharing: Bool) {
        shares = sharing
        for flow in flows {
            switch flow {
            case .steady(let peer, let perSecond): steady.append((peer, perSecond, 0))
            case .tcp(let from, let to): connections.append(Connection(from: from, to: to))
            }
        }
    }

    func run(seconds: Int) -> Run {
        for step in 0..<seconds * Self.stepsPerSecond {
            send(step)
            arriving.shuffle(using: &generator)
            let arrived = arriving
            arriving.removeAll(keepingCapacity: true)
            if shares { share.beginTurn(now: now, received: received) }
            for (number, datagram) in arrived.enumerated() {
                queue(datagram)
                work += Self.work * (number + 1) / arrived.count - Self.work * number / arrived.count
                handle(step)
            }
            if arrived.isEmpty { work = Self.work }
            handle(step)
            work = min(work, 0)
            now += Self.step
        }
        return run
    }

    private func send(_ step: Int) {
        for index in steady.indices {
            steady[index].due += steady[index].perSecond
            // Spread over the datagrams of the others.
            while steady[index].due >= Self.stepsPerSecond {
                steady[index].due -= Self.stepsPerSecond
                arrive(Datagram(peer: steady[index].peer))
            }
        }
        for index in connections.indices {
            if let event = connections[index].events.removeValue(forKey: step) { react(index, event, step) }
            // Packets leave a machine in bursts, but not all at once.
            var burst = 0
            while connections[index].inFlight < Int(connections[index].window), burst < 60 {
                connections[index].inFlight += 1
                burst += 1
                arrive(Datagram(peer: connections[index].from, connection: index, sentAt: step))
            }
        }
    }

    private func react(_ index: Int, _ event: (acknowledged: Int, missing: Int), _ step: Int) {
        connections[index].inFlight -= event.acknowledged + event.missing
        let grown = Double(event.acknowledged) * (connections[index].isStarting ? 1 : 20 / connections[index].window)
        connections[index].window += grown
        guard event.missing > 0, step >= connections[index].deafUntil else { return }
        connections[index].window = max(2, connections[index].window / 2)
        connections[index].isStarting = false
        connections[index].deafUntil = step + 2 * Self.delay
    }

    private func arrive(_ datagram: Datagram) { arriving.append(datagram) }

    private func queue(_ datagram: Datagram) {
        run.sent[datagram.peer, default: 0] += 1
        guard waiting.count - head < Self.queueLimit else {
            run.lost += 1
            lostSinceOpened += 1
            return miss(datagram)
        }
        var datagram = datagram
        datagram.lostBefore = lostSinceOpened
        waiting.append(datagram)
    }

    /// The sender learns a round trip later that a datagram is missing. A missing acknowledgement is made up for by the next one.
    private func miss(_ datagram: Datagram) {
        guard let index = datagram.connection, !datagram.isAcknowledgement else { return }
        connections[index].events[currentStep + Self.delay, default: (0, 0)].missing += 1
    }

    private var currentStep: Int { Int((now.nanoseconds - 1_000_000_000) / UInt64(Self.step.nanoseconds)) }

    private func handle(_ step: Int) {
        while head < waiting.count, work > 0 {
            let datagram = waiting[head]
            head += 1
            received += 1
            if datagram.lostBefore != lostSeen {
                if shares { share.noteLoss(datagram.lostBefore &- lostSeen, now: now) }
                lostSeen = datagram.lostBefore
            }
            guard !shares || !share.isStrict || share.takes(datagram.peer) else {
                run.cut[datagram.peer, default: 0] += 1
                work -= 1
                miss(datagram)
                continue
            }
            work -= 10
            run.delivered[datagram.peer, default: 0] += 1
            deliver(datagram, step)
        }
        if head > 20_000 {
            waiting.removeFirst(head)
            head = 0
        }
    }

    private func deliver(_ datagram: Datagram, _ step: Int) {
        guard let index = datagram.connection else { return }
        guard !datagram.isAcknowledgement else { return }
        connections[index].events[step + Self.delay, default: (0, 0)].acknowledged += 1
        connections[index].unacknowledged += 1
        guard connections[index].unacknowledged == 2 else { return }
        connections[index].unacknowledged = 0
        arrive(Datagram(peer: connections[index].to, connection: index, isAcknowledgement: true, sentAt: step))
    }
}
