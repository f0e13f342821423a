// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

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

    @Test func `steps back for others alone`() throws {
        let inside = Atomic<Int32>(0)
        let thread = try Linux::Thread(name: "polite") {
            try? Linux::Thread.setNice(7)
            inside.store(getpriority(PRIO_PROCESS, id_t(gettid())), ordering: .relaxed)
        }
        thread.join()
        #expect(inside.load(ordering: .relaxed) == 7)
        #expect(getpriority(PRIO_PROCESS, id_t(gettid())) != 7)
    }
}
