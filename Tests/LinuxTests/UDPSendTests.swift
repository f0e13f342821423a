// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Glibc
import Net
import Testing

@testable import Linux

/// A kernel that refuses calls as a test requests.
private enum Refusing {
    /// The result of a send of several messages: nil for the real call, otherwise a maximum number of messages for it, or an error.
    nonisolated(unsafe) static var many: (_ first: msghdr) -> Answer? = { _ in nil }
    nonisolated(unsafe) static var one: (msghdr) -> Answer? = { _ in nil }
    nonisolated(unsafe) static var calls = 0
    /// What waits in a send queue for 4000 bytes.
    nonisolated(unsafe) static var waiting: UInt32 = 0

    enum Answer {
        case atMost(UInt32)
        case error(Int32)
    }

    static let calling = DatagramCalls(
        receive: DatagramCalls.kernel.receive,
        sendMany: { socket, headers, count in
            Refusing.calls += 1
            switch Refusing.many(headers![0].msg_hdr) {
            case nil: return DatagramCalls.kernel.sendMany(socket, headers, count)
            case .atMost(let most): return DatagramCalls.kernel.sendMany(socket, headers, min(count, most))
            case .error(let code):
                errno = code
                return -1
            }
        },
        sendOne: { socket, header in
            Refusing.calls += 1
            guard case .error(let code) = Refusing.one(header!.pointee) else { return DatagramCalls.kernel.sendOne(socket, header) }
            errno = code
            return -1
        },
        memory: { _, memory, _ in
            memory.storeBytes(of: (0, 0, Refusing.waiting, 4000), as: (UInt32, UInt32, UInt32, UInt32).self)
            return 36
        })

    static func reset() {
        (many, one, calls, waiting) = ({ _ in nil }, { _ in nil }, 0, 0)
    }
}

extension msghdr {
    /// The requested segment size; nil if the message is one datagram.
    fileprivate var segmentByteCount: Int? {
        guard let control = msg_control else { return nil }
        var size: Int?
        ControlMessages.forEach(control, byteCount: msg_controllen) { level, type, value in
            if level == SOL_UDP_LEVEL, type == UDP_SEGMENT_TYPE { size = Int(value.load(as: UInt16.self)) }
        }
        return size
    }

    fileprivate var hasSource: Bool {
        guard let control = msg_control else { return false }
        var found = false
        ControlMessages.forEach(control, byteCount: msg_controllen) { level, type, _ in
            if level == Int32(IPPROTO_IP), type == IP_PKTINFO { found = true }
        }
        return found
    }

    fileprivate var port: UInt16 { msg_name.load(fromByteOffset: 2, as: UInt16.self).bigEndian }
}

@Suite(.serialized) final class `Datagrams to be sent` {
    private let sender = try! UDPSocket(bindingTo: Endpoint("127.0.0.1:0")!, merging: false, calls: Refusing.calling)
    private let receiver = try! UDPSocket(bindingTo: Endpoint("127.0.0.1:0")!, merging: false)
    private let other = try! UDPSocket(bindingTo: Endpoint("127.0.0.1:0")!, merging: false)
    private var segmentation = UDPSocket.Segmentation(isOn: true)
    private var batch = UDPSendBatch()
    private let memory = UnsafeMutableRawPointer.allocate(byteCount: 1 << 16, alignment: 8)
    private var used = 0

    init() { Refusing.reset() }

    deinit {
        Refusing.reset()
        memory.deallocate()
    }

    /// Adds a message of datagrams of eight bytes, with the numbers given.
    private func add(_ numbers: ClosedRange<UInt8>, to address: UDPAddress? = nil, from local: UDPLocalAddress = UDPLocalAddress()) {
        for number in numbers {
            let bytes = memory + used
            bytes.initializeMemory(as: UInt8.self, repeating: number, count: 8)
            used += 8
            if number == numbers.lowerBound {
                _ = batch.begin(to: address ?? UDPAddress(receiver.local), from: local, trafficClass: 0, bytes, byteCount: 8)
            } else {
                let isAppended = batch.append(to: batch.count - 1, bytes, byteCount: 8)
                #expect(isAppended)
            }
        }
    }

    private func send(now: Instant = .now()) { sender.send(batch, segmentation: &segmentation, now: now) }

    /// The numbers of what arrived.
    private func arrived(at socket: borrowing UDPSocket) throws -> [UInt8] {
        var numbers: [UInt8] = []
        let incoming = UDPReceiveBatch()
        // On loopback, the send returns after delivery, unless the machine is busy.
        for _ in 0..<20 {
            while case let count = try socket.receive(into: incoming), count > 0 {
                numbers += (0..<count).map { incoming.train(at: $0).bytes.load(as: UInt8.self) }
            }
            usleep(1000)
        }
        return numbers
    }

    private var lost: [Int] { (0..<batch.count).map { batch.outcome(of: $0).lostDatagrams } }

    @Test func `WG-D-6 WG-V-17 are all sent in order, even if the kernel takes a few at a time`() throws {
        Refusing.many = { _ in .atMost(3) }
        for number in 0..<20 { add(UInt8(number)...UInt8(number)) }
        send()
        #expect(try arrived(at: receiver) == Array(0..<20))
        #expect(Refusing.calls == 7)
        #expect(lost.allSatisfy { $0 == 0 })
    }

    @Test(arguments: [EAGAIN, ENOBUFS])
    func `WG-D-6 wait once for a full queue`(code: Int32) throws {
        Refusing.many = { _ in Refusing.calls == 1 ? .error(code) : nil }
        add(1...1)
        add(2...2)
        send()
        #expect(try arrived(at: receiver) == [1, 2])
        #expect(Refusing.calls == 2)
    }

    @Test(arguments: [EAGAIN, ENOBUFS])
    func `WG-D-6 are given up if the queue stays full, after one wait for all of them`(code: Int32) throws {
        Refusing.many = { _ in .error(code) }
        for number in 0..<100 { add(UInt8(number)...UInt8(number)) }
        let start = Instant.now()
        send()
        #expect(Refusing.calls == 101)
        // Waiting for each of them would take 100 ms.
        #expect(Instant.now() - start < .milliseconds(90))
        #expect(lost.allSatisfy { $0 == 1 })
        let outcome = batch.outcome(of: 50)
        #expect(outcome.error == Errno(code))
        #expect(outcome.sentDatagrams == 0)
        #expect(outcome.sentByteCount == 0)
    }

    @Test(arguments: [EPERM, ENETUNREACH, EHOSTUNREACH, EACCES])
    func `WG-D-6 that may not be sent do not delay those after them`(code: Int32) throws {
        Refusing.many = { [port = other.local.port] in $0.port == port ? .error(code) : .atMost(1) }
        add(1...1)
        add(2...4, to: UDPAddress(other.local))
        add(5...5)
        send()
        #expect(try arrived(at: receiver) == [1, 5])
        #expect(lost == [0, 3, 0])
        let error = batch.outcome(of: 1).error
        #expect(error == Errno(code))
    }

    @Test func `WG-V-25 leave one by one after an interface refused segmentation`() throws {
        Refusing.many = { $0.segmentByteCount == nil ? nil : .error(EIO) }
        add(1...5)
        add(6...9)
        send()
        #expect(try arrived(at: receiver) == Array(1...9))
        #expect(!segmentation.isOn)
        // One that was refused, and nine.
        #expect(Refusing.calls == 10)
    }

    @Test(arguments: [EINVAL, EMSGSIZE])
    func `WG-V-25 leave one by one for five minutes if the receiver's path refuses trains, and in trains to others`(code: Int32) throws {
        Refusing.many = { [port = receiver.local.port] in $0.segmentByteCount != nil && $0.port == port ? .error(code) : nil }
        add(1...4)
        add(5...7, to: UDPAddress(other.local))
        let now = Instant.now()
        send(now: now)
        #expect(try arrived(at: receiver) == Array(1...4))
        #expect(try arrived(at: other) == Array(5...7))
        let isRemembered = [receiver.local, other.local].map { segmentation.isRefused(by: UDPAddress($0), now: now) }
        #expect(segmentation.isOn && isRemembered == [true, false])
        // One that was refused, four, and one train.
        #expect(Refusing.calls == 6)
        Refusing.many = { _ in nil }
        Refusing.calls = 0
        batch.removeAll()
        add(8...9)
        send(now: now + .seconds(299))
        #expect(Refusing.calls == 2)
        send(now: now + .seconds(301))
        #expect(Refusing.calls == 3)
        #expect(try arrived(at: receiver) == [8, 9, 8, 9])
    }

    @Test func `WG-D-13 leave together although the path to another receiver refuses trains`() throws {
        segmentation.noteRefusal(by: UDPAddress(other.local), now: .now())
        add(1...2)
        add(3...3)
        add(4...5, to: UDPAddress(other.local))
        add(6...7)
        add(8...8)
        send()
        #expect(try arrived(at: receiver) == [1, 2, 3, 6, 7, 8])
        #expect(try arrived(at: other) == [4, 5])
        // Two messages, two datagrams, two messages.
        #expect(Refusing.calls == 4)
    }

    @Test func `WG-D-13 from a peer that changes its address all the time leave a table of refusals of fixed size`() {
        let now = Instant.now()
        let receivers = (0..<100_000).map { UDPAddress(Endpoint(address: .v4(IPv4Address(bits: 0x0A00_0000 + UInt32($0))), port: 9)) }
        for receiver in receivers { segmentation.noteRefusal(by: receiver, now: now) }
        let remembered = receivers.filter { segmentation.isRefused(by: $0, now: now) }
        #expect(remembered.count > 0 && remembered.count <= UDPSocket.Segmentation.capacity)
        #expect(remembered.last == receivers.last)
        let after = receivers.contains { segmentation.isRefused(by: $0, now: now + .seconds(300)) }
        #expect(!after)
    }

    @Test(arguments: [EAGAIN, ENOBUFS])
    func `WG-D-12 do not wait for a queue that stays full more than once in a tenth of a second`(code: Int32) {
        Refusing.many = { _ in .error(code) }
        let now = Instant.now()
        add(1...1)
        for (milliseconds, calls) in [(0, 2), (1, 1), (99, 1), (100, 2), (101, 1)] {
            Refusing.calls = 0
            send(now: now + .milliseconds(milliseconds))
            #expect(Refusing.calls == calls, "after \(milliseconds) ms")
        }
    }

    @Test func `WG-D-12 that are expendable never wait for a full queue, and others do after them`() throws {
        Refusing.many = { _ in Refusing.calls <= 2 ? .error(EAGAIN) : nil }
        memory.initializeMemory(as: UInt8.self, repeating: 1, count: 16)
        _ = batch.begin(to: UDPAddress(receiver.local), from: UDPLocalAddress(), trafficClass: 0, isExpendable: true, memory, byteCount: 8)
        used = 8
        add(2...2)
        send()
        #expect(lost == [1, 0])
        #expect(try arrived(at: receiver) == [2])
    }

    @Test func `WG-D-12 find the queue crowded when more than a quarter is in use, and WG-D-14 when more than half is`() {
        let real = receiver.sendQueue
        #expect(real.used == 0 && real.limit > 0 && !real.exceeds(quarters: 1))
        for (waiting, quarters, isCrowded) in [(1000, 1, false), (1001, 1, true), (2000, 2, false), (2001, 2, true)] as [(UInt32, UInt32, Bool)] {
            Refusing.waiting = waiting
            let queue = sender.sendQueue
            #expect(queue.exceeds(quarters: quarters) == isCrowded, "\(waiting)")
        }
    }

    @Test func `WG-V-25 that the kernel refuses are lost alone, not their whole train`() throws {
        segmentation.isOn = false
        Refusing.one = { _ in Refusing.calls == 2 ? .error(EPERM) : nil }
        add(1...4)
        send()
        #expect(try arrived(at: receiver) == [1, 3, 4])
        let outcome = batch.outcome(of: 0)
        #expect(outcome.sentDatagrams == 3)
        #expect(outcome.sentByteCount == 24)
        #expect(outcome.lostDatagrams == 1)
        #expect(outcome.error == .notPermitted)
    }

    @Test(arguments: [false, true])
    func `WG-E-6 from an address that is gone leave from another one`(asTrain: Bool) throws {
        Refusing.many = { $0.hasSource ? .error(EINVAL) : nil }
        Refusing.one = { $0.hasSource ? .error(EINVAL) : nil }
        add(asTrain ? 1...3 : 1...1, from: UDPLocalAddress(first: 0x0902_0063))
        send()
        #expect(try arrived(at: receiver) == (asTrain ? [1, 2, 3] : [1]))
        // The path did not refuse the train.
        let isRemembered = segmentation.isRefused(by: UDPAddress(receiver.local), now: .now())
        #expect(segmentation.isOn && !isRemembered)
    }

    @Test func `WG-D-7 may be fragmented on their way, in both families`() throws {
        func option(_ socket: Int32, _ level: Int32, _ name: Int32) -> Int32 {
            var (value, length) = (Int32(-1), socklen_t(MemoryLayout<Int32>.size))
            getsockopt(socket, level, name, &value, &length)
            return value
        }
        #expect(option(receiver.descriptor.raw, Int32(IPPROTO_IP), IP_MTU_DISCOVER) == IP_PMTUDISC_OMIT)
        guard let v6 = try? UDPSocket(bindingTo: Endpoint("[::1]:0")!, merging: false) else { return }
        #expect(option(v6.descriptor.raw, Int32(IPPROTO_IPV6), IPV6_MTU_DISCOVER) == IPV6_PMTUDISC_DONT)
    }

    @Test func `WG-V-24 leave in trains if the kernel splits trains correctly or refuses them`() {
        #expect(UDPSocket.segmentsCorrectly())
        Refusing.many = { $0.segmentByteCount == nil ? nil : .error(EIO) }
        #expect(UDPSocket.segmentsCorrectly(calls: Refusing.calling))
    }

    @Test func `WG-V-24 reveal a kernel that splits a train wrongly`() {
        // One kernel loses the end of a train, another makes it a single datagram.
        let shortening = DatagramCalls(
            receive: DatagramCalls.kernel.receive,
            sendMany: { socket, headers, count in
                headers![0].msg_hdr.msg_iov[0].iov_len -= 1
                return DatagramCalls.kernel.sendMany(socket, headers, count)
            }, sendOne: DatagramCalls.kernel.sendOne)
        #expect(!UDPSocket.segmentsCorrectly(calls: shortening))
        let joining = DatagramCalls(
            receive: DatagramCalls.kernel.receive,
            sendMany: { socket, headers, count in
                headers![0].msg_hdr.msg_controllen = 0
                return DatagramCalls.kernel.sendMany(socket, headers, count)
            }, sendOne: DatagramCalls.kernel.sendOne)
        #expect(!UDPSocket.segmentsCorrectly(calls: joining))
    }
}
