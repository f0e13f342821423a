// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

extension UDPSocket {
    /// Whether this kernel correctly splits a train into its datagrams. Some kernels split it wrongly and lose the data without an error
    /// (WG-V-24). Sends two trains over loopback: in one, all datagrams have the same length; in the other, the last is shorter.
    /// Also true when the test is impossible: a kernel without segmentation refuses it later, and that refusal is handled then.
    public static func segmentsCorrectly(calls: DatagramCalls = .kernel) -> Bool {
        guard let sender = try? UDPSocket(bindingTo: Endpoint(address: .v4(.loopback), port: 0), merging: false, calls: calls),
            let receiver = try? UDPSocket(bindingTo: Endpoint(address: .v4(.loopback), port: 0), merging: false)
        else { return true }
        return [200, 77].allSatisfy { cuts(datagrams: [200, 200, 200, $0], from: sender, to: receiver) }
    }

    private static func cuts(datagrams lengths: [Int], from sender: borrowing UDPSocket, to receiver: borrowing UDPSocket) -> Bool {
        let datagrams = lengths.enumerated().map { number, length in (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ number) } }
        var bytes = datagrams.flatMap { $0 }
        var batch = UDPSendBatch()
        bytes.withUnsafeMutableBytes { buffer in
            let address = UDPAddress(receiver.local)
            var offset = lengths[0]
            _ = batch.begin(to: address, from: UDPLocalAddress(), trafficClass: 0, buffer.baseAddress!, byteCount: lengths[0])
            for length in lengths.dropFirst() {
                _ = batch.append(to: 0, buffer.baseAddress! + offset, byteCount: length)
                offset += length
            }
            var segmentation = Segmentation(isOn: true)
            sender.send(batch, segmentation: &segmentation, now: .now())
        }
        var arrived: [[UInt8]] = []
        let incoming = UDPReceiveBatch()
        let deadline = Instant.now() + .milliseconds(200)
        while arrived.count < datagrams.count, Instant.now() < deadline {
            let count = (try? receiver.receive(into: incoming)) ?? 0
            for index in 0..<count {
                let train = incoming.train(at: index)
                arrived.append(Array(UnsafeRawBufferPointer(start: train.bytes, count: train.byteCount)))
            }
            // Loopback delivers immediately, unless the machine is busy.
            if count == 0 { Thread.sleep(.milliseconds(1)) }
        }
        return arrived == datagrams
    }
}
