// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Logging
import Net
import Synchronization

/// Reports changes of this host's addresses, links and routes as soon as they happen, on a thread of its own: the engine must stop using an
/// address at once when it is gone, or when the route to a device uses another uplink (WG-E-6).
public final class NetworkWatch: Sendable {
    /// After each report, events are collected for this long, so that a router with thousands of changing routes costs little.
    private static let pause: Duration = .milliseconds(50)

    private let react: @Sendable ([NetlinkEvent]) -> Void
    private let stopping: EventDescriptor
    private let isStopping = Atomic<Bool>(false)
    private let thread = Mutex<Linux.Thread?>(nil)

    /// Starts the thread, which calls `react` with the changes, in order. Throws when the kernel does not report changes.
    public init(react: @escaping @Sendable ([NetlinkEvent]) -> Void) throws(Errno) {
        self.react = react
        stopping = try EventDescriptor()
        let monitor = try MonitorBox()
        let started = try Linux.Thread(name: "network") { [self] in try? run(monitor) }
        thread.withLock { $0 = started }
    }

    /// Ends the thread, after what it is doing now.
    public func stop() {
        isStopping.store(true, ordering: .releasing)
        stopping.signal()
        thread.withLock { $0.take() }?.join()
    }

    private func run(_ box: MonitorBox) throws(Errno) {
        var poller = try Poller(capacity: 2)
        try box.addDescriptor(to: poller)
        try poller.add(stopping.descriptor, token: 1, for: .readable)
        while true {
            _ = try poller.wait(timeout: nil)
            guard !isStopping.load(ordering: .acquiring) else { return }
            let events = box.drain()
            if !events.isEmpty { react(events) }
            Linux.Thread.sleep(Self.pause)
        }
    }
}

/// Holds the monitor for its thread.
private final class MonitorBox: Sendable {
    private let monitor: Mutex<NetlinkMonitor>

    init() throws(Errno) { monitor = Mutex(try NetlinkMonitor()) }

    func addDescriptor(to poller: borrowing Poller) throws(Errno) {
        let result: Errno? = monitor.withLock { monitor in
            do throws(Errno) { try poller.add(monitor.socket.descriptor, token: 0, for: .readable) } catch { return error }
            return nil
        }
        if let result { throw result }
    }

    /// Nothing when reading fails; the next event is read again.
    func drain() -> [NetlinkEvent] { monitor.withLock { (try? $0.drain()) ?? [] } }
}
