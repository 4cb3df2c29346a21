import { createServer as createHttpServer, type RequestListener, type Server } from "node:http";
import { createServer as createHttpsServer, type ServerOptions } from "node:https";
import type { AddressInfo, Socket } from "node:net";

/** How a {@link Listener} listens. */
export interface ListenerOptions {
  /** 0 picks a free one at the first start, which later starts take again. */
  readonly port: number;
  /** Serve HTTPS with this; `ca` and `requestCert` ask for client certificates. */
  readonly tls?: ServerOptions;
  /** How long an idle connection stays open, milliseconds; Node's default when undefined. */
  readonly keepAliveTimeoutMs?: number;
}

/** A server on 127.0.0.1 that can go down at once, sockets and all, and come up again on the same port. */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #handle: RequestListener;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port: number;

  constructor(options: ListenerOptions, handle: RequestListener) {
    this.#options = options;
    this.#handle = handle;
    this.#port = options.port;
  }

  get port(): number {
    return this.#port;
  }

  get isUp(): boolean {
    return this.#server !== undefined;
  }

  /** Connections open now. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** Connections opened since the start, to see that a client keeps them alive. */
  connectionsEver = 0;

  /** Listens; does nothing when it does already. Rejects when the port is taken. */
  async up(): Promise<void> {
    if (this.#server !== undefined) return;
    const { tls, keepAliveTimeoutMs } = this.#options;
    const server = tls === undefined ? createHttpServer(this.#handle) : createHttpsServer(tls, this.#handle);
    if (keepAliveTimeoutMs !== undefined) server.keepAliveTimeout = keepAliveTimeoutMs;
    server.on("connection", (socket: Socket) => {
      // One that was waiting to be accepted while the server closed.
      if (this.#server !== server) {
        socket.destroy();
        return;
      }
      this.connectionsEver += 1;
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    this.#server = server;
    try {
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject).listen(this.#port, "127.0.0.1", resolve);
      });
    } catch (error) {
      this.#server = undefined;
      throw error;
    }
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Stops listening and cuts every connection. */
  async down(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
    await closed;
  }
}
