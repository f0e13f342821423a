// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net

extension UDPSocket {
    /// Sends datagrams in one call, so that the kernel may hand them to a TUN interface as one super-packet.
    public borrowing func sendTrain(_ datagrams: [[UInt8]], to endpoint: Endpoint) {
        var bytes = datagrams.flatMap { $0 }
        var batch = UDPSendBatch()
        bytes.withUnsafeMutableBytes { buffer in
            guard var next = buffer.baseAddress else { return }
            for (place, datagram) in datagrams.enumerated() {
                if place == 0 || !batch.append(to: 0, next, byteCount: datagram.count) {
                    _ = batch.begin(
                        to: UDPAddress(endpoint), from: UDPLocalAddress(), trafficClass: 0, next, byteCount: datagram.count)
                }
                next += datagram.count
            }
            var segmentation = UDPSocket.Segmentation(isOn: true)
            send(batch, segmentation: &segmentation, now: .now())
        }
    }
}
