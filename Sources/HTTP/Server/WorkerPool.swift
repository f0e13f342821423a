// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux

/// Work that may block, so the event loop must not do it.
enum Job: Sendable {
    /// With `isPatient`, the request is returned unanswered if too many bytes wait for slow clients when a worker takes it.
    case request(token: UInt64, Request, route: Int?, isPatient: Bool)
    case admission(token: UInt64, Request)
    case step(token: UInt64, EventStream)
    case piece(token: UInt64, ByteStream)
}

/// A few threads that run handlers. The queue is bounded: a request that does not fit gets 503.
final class WorkerPool: Sendable {
    private let queue: BlockingQueue<Job>
    private let threads: [Thread]

    init(count: Int, nice: Int32, queueCapacity: Int, service: Service, mailbox: Mailbox) throws(Errno) {
        let queue = BlockingQueue<Job>(capacity: queueCapacity)
        var threads: [Thread] = []
        do throws(Errno) {
            for index in 0..<count {
                threads.append(try Thread(name: "http-worker-\(index)", nice: nice) { Self.run(queue, service, mailbox) })
            }
        } catch {
            queue.close()
            for thread in threads { thread.join() }
            throw error
        }
        self.queue = queue
        self.threads = threads
    }

    /// False when the queue is full.
    func submit(_ job: Job) -> Bool { queue.offer(job) }

    /// Lets the workers finish their current jobs, and waits for them.
    func stop() {
        queue.close()
        for thread in threads { thread.join() }
    }

    /// Closes the queue without waiting for a worker that is stuck in a handler.
    func abandon() { queue.close() }

    private static func run(_ queue: BlockingQueue<Job>, _ service: Service, _ mailbox: Mailbox) {
        while let job = queue.take() {
            switch job {
            case .request(let token, let request, _, isPatient: true) where service.queued.isFull: mailbox.send(.deferred(token: token, request))
            case .request(let token, let request, let route, _):
                let start = ProcessorTime.ofThread()
                let response = service.application.answer(to: request)
                // Counted from now on, so that the next request takes it into account.
                service.queued.add(response.bodyByteCount)
                mailbox.send(.answer(token: token, response, route: route, took: ProcessorTime.ofThread() - start))
            case .admission(let token, let request):
                mailbox.send(.admission(token: token, service.application.admission(ofBodyOf: request)))
            case .step(let token, let source): mailbox.send(.step(token: token, source.next()))
            case .piece(let token, let source): mailbox.send(.piece(token: token, source.step()))
            }
        }
    }
}
