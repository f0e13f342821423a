// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc
import Linux
import Synchronization
import Testing

struct `A thread` {
    @Test func `runs its body under its name and can be joined twice`() throws {
        let name = Mutex("")
        let thread = try Linux::Thread(name: "a-name-longer-than-fits") {
            var buffer = [CChar](repeating: 0, count: 16)
            pthread_getname_np(pthread_self(), &buffer, 16)
            name.withLock { $0 = String(cString: buffer) }
        }
        thread.join()
        thread.join()
        #expect(name.withLock { $0 } == "a-name-longer-t")
    }

    @Test func `can lower its own priority without affecting others`() throws {
        let inside = Atomic<Int32>(0)
        let thread = try Linux::Thread(name: "polite") {
            try? Linux::Thread.setNice(7)
            inside.store(getpriority(PRIO_PROCESS, id_t(gettid())), ordering: .relaxed)
        }
        thread.join()
        #expect(inside.load(ordering: .relaxed) == 7)
        #expect(getpriority(PRIO_PROCESS, id_t(gettid())) != 7)
    }

    @Test func `can have a short time slice and keeps its nice value`() throws {
        let seen = Mutex(scheduling())
        let thread = try Linux::Thread(name: "short", nice: 3, slice: .microseconds(200)) {
            seen.withLock { _ = get_scheduling(&$0) }
        }
        thread.join()
        let attributes = seen.withLock { $0 }
        #expect(attributes.nice == 3)
        #expect(attributes.policy == UInt32(SCHED_OTHER))
        // Kernels before 6.12 report no slice.
        var host = utsname()
        uname(&host)
        let version = withUnsafeBytes(of: host.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        let numbers = version.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        #expect(attributes.runtime == (numbers.lexicographicallyPrecedes([6, 12]) ? 0 : 200_000))
    }
}

struct `A signal descriptor` {
    @Test func `returns the signals of its thread and nothing else`() throws {
        let seen = Mutex<[Signal?]>([])
        // On its own thread, so that this signal mask does not affect the threads of other tests.
        let thread = try Linux::Thread(name: "signals") {
            guard let signals = try? SignalDescriptor([.user2, .hangup]) else { return }
            let before = try? signals.next()
            pthread_kill(pthread_self(), SIGUSR2)
            let after = try? signals.wait(timeout: .seconds(5))
            seen.withLock { $0 = [before ?? nil, after ?? nil] }
        }
        thread.join()
        #expect(seen.withLock { $0 } == [nil, .user2])
    }
}
