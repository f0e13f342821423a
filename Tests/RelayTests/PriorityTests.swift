// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Glibc
import Linux
import Net
import Synchronization
import Testing

@testable import Relay

/// The portal's threads have a low priority. Whatever they ask of the engine, nobody waits for a lock that one of them holds.
@Suite(.serialized) struct `A thread of low priority` {
    private static let low: Int32 = 18
    /// More than one time slice of processor time, so that a thread of low priority loses its core before the end.
    private static let work: Duration = .milliseconds(6)

    @Test func `never holds the lock of the control side`() throws {
        let hub = try Hub(workers: 1)
        defer { hub.stop() }
        let engine = hub.engine
        let inside = Atomic<Int32>(-1)
        try Linux.Thread(name: "low", nice: Self.low) {
            inside.store(engine.control.locked { Linux.Thread.nice }, ordering: .relaxed)
        }.join()
        #expect(inside.load(ordering: .relaxed) == Linux.Thread.nice)
    }

    /// On one core, as beside a worker at full load. The thread of low priority does the same work outside and inside the lock; the time that it
    /// takes outside is what others would wait for the lock.
    @Test func `that loses its core to a busy one holds up no change`() throws {
        let outcome = Mutex<(alone: Duration, longest: Duration)?>(nil)
        try Linux.Thread(name: "one-core") {
            Self.stayOnOneCore()
            guard let measured = try? Self.measure() else { return }
            outcome.withLock { $0 = measured }
        }.join()
        let (alone, longest) = try #require(outcome.withLock { $0 })
        #expect(longest < alone / 4)
    }

    /// As when a thread of low priority lost its core inside the heap, which the reconciler needs.
    @Test func `gets the core of a worker for a moment if the reconciler waits for it`() throws {
        let hub = try Hub(workers: 1)
        defer { hub.stop() }
        let (a, b) = try hub.pair()
        let engine = hub.engine
        engine.urgently {
            // This thread uses no processor time meanwhile.
            let isOver = Atomic(false)
            nonisolated(unsafe) let sender = a
            let load = try? Linux.Thread(name: "load") {
                while !isOver.load(ordering: .relaxed) { sender.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3")) }
            }
            for _ in 0..<400 where engine.shared.stepAside.pauses < StepAside.limit { Linux.Thread.sleep(.milliseconds(20)) }
            isOver.store(true, ordering: .relaxed)
            load?.join()
        }
        #expect(engine.shared.stepAside.pauses > 0)
        #expect(b.receive() != nil)
    }

    @Test func `gets no core while the reconciler gets on, and not for long`() {
        let aside = StepAside()
        let start = Instant(nanoseconds: 1_000_000_000)
        var used: Duration = .zero
        func look(_ later: Duration) -> Bool { aside.isDue(now: start + later) { _ in used } }
        #expect(!look(.seconds(1)))
        aside.begin(now: start)
        #expect(!look(.microseconds(1999)))
        // It has used processor time since the last look.
        for millisecond in 2..<20 {
            used = .microseconds(100 * millisecond)
            #expect(!look(.milliseconds(millisecond)))
        }
        // It is stuck.
        #expect(!look(.milliseconds(20)))
        #expect((22..<100).count { look(.milliseconds($0)) } == StepAside.limit)
        aside.end()
        aside.begin(now: start + .milliseconds(100))
        used = .milliseconds(5)
        #expect(!look(.milliseconds(102)))
        #expect(look(.milliseconds(104)))
        #expect(!aside.isDue(now: start + .seconds(1)) { _ in nil })
    }

    /// All threads inherit the only core of the calling one.
    private static func measure() throws -> (alone: Duration, longest: Duration) {
        let hub = try Hub(workers: 1)
        defer { hub.stop() }
        let engine = hub.engine
        let isOver = Atomic(false)
        let alone = Atomic<Int64>(0)
        let hog = try Linux.Thread(name: "busy") { while !isOver.load(ordering: .relaxed) {} }
        let polite = try Linux.Thread(name: "low", nice: low) {
            let begin = Instant.now()
            burn()
            alone.store((Instant.now() - begin).nanoseconds, ordering: .releasing)
            while !isOver.load(ordering: .relaxed) { engine.control.locked { burn() } }
        }
        while alone.load(ordering: .acquiring) == 0 { Linux.Thread.sleep(.milliseconds(5)) }
        var longest: Duration = .zero
        for generation in 1...8 {
            Linux.Thread.sleep(.milliseconds(20))
            let begin = Instant.now()
            _ = engine.apply([], generation: Int64(generation))
            longest = max(longest, Instant.now() - begin)
        }
        isOver.store(true, ordering: .relaxed)
        hog.join()
        polite.join()
        return (.nanoseconds(alone.load(ordering: .relaxed)), longest)
    }

    private static func burn() {
        let end = ProcessorTime.ofThread() + work
        while ProcessorTime.ofThread() < end {}
    }

    /// Keeps the calling thread, and those that it starts, on the first core that it may use. sched_setaffinity(2)
    private static func stayOnOneCore() {
        var cores = cpu_set_t()
        sched_getaffinity(0, MemoryLayout<cpu_set_t>.size, &cores)
        withUnsafeMutableBytes(of: &cores) { bytes in
            guard let place = bytes.firstIndex(where: { $0 != 0 }) else { return }
            let lowest = bytes[place] & (~bytes[place] &+ 1)
            for index in bytes.indices { bytes[index] = index == place ? lowest : 0 }
        }
        sched_setaffinity(0, MemoryLayout<cpu_set_t>.size, &cores)
    }
}
