import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** Counts the bytes that travel on the connections of a server, as the sockets have counted them. */
export class Traffic {
  readonly #open = new Set<Socket>()
  #closedReceived = 0
  #closedSent = 0

  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      this.#open.add(socket)
      socket.once('close', () => {
        this.#open.delete(socket)
        this.#closedReceived += socket.bytesRead
        this.#closedSent += socket.bytesWritten
      })
    })
  }

  get receivedBytes(): number {
    return [...this.#open].reduce((sum, socket) => sum + socket.bytesRead, this.#closedReceived)
  }

  get sentBytes(): number {
    return [...this.#open].reduce((sum, socket) => sum + socket.bytesWritten, this.#closedSent)
  }
}
