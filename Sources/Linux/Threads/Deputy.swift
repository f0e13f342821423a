// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// Runs short pieces of work for threads of lower priority, one at a time, while they wait.
///
/// Beside a thread that uses its whole core, a thread of low priority runs for a few milliseconds and then waits for a third of a second, whatever
/// its time slice. If it holds a lock meanwhile, everybody who needs the lock waits as long. The kernel lends such a thread no priority unless the
/// waiting one is a real-time thread. So nobody of low priority takes such a lock: the deputy does, which has the priority of the thread that
/// made it.
public final class Deputy: Sendable {
    private let nice: Int32
    private let errands: BlockingQueue<Errand>

    /// Starts the thread with the priority of the calling one. `slice` is as in `Thread.setSlice`. If the system cannot create the thread, callers
    /// do the work themselves.
    public init(name: String, slice: Duration? = nil) {
        nice = Thread.nice
        let errands = BlockingQueue<Errand>(capacity: .max)
        self.errands = errands
        let thread = try? Thread(name: name, slice: slice) {
            while let errand = errands.take() { errand.perform() }
        }
        if thread == nil { errands.close() }
    }

    deinit { errands.close() }

    /// Runs `body` and returns when it has ended: on the deputy's thread if that has a higher priority than this one, otherwise here.
    public func run<R, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
        guard Thread.nice > nice else { return try body() }
        var result: Result<R, E>?
        withoutActuallyEscaping({ result = Result(catching: body) }) { work in
            let errand = Errand(work)
            if errands.offer(errand) { errand.wait() } else { errand.perform() }
        }
        guard let result else { preconditionFailure("an errand is performed before its end is reported") }
        return try result.get()
    }
}

/// One piece of work and the thread that waits for it.
// SAFETY: unchecked because of the closure, which only one thread has at a time: it is handed over by the queue, and back by `end`.
private final class Errand: @unchecked Sendable {
    private var work: (() -> Void)?
    private let end = Sleeper()

    init(_ work: @escaping () -> Void) { self.work = work }

    func perform() {
        call()
        // The one who waits may not find the closure still in use.
        work = nil
        end.wake()
    }

    func wait() { end.sleep() }

    @inline(never) private func call() { work?() }
}
