import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect, type AddressInfo, type Socket } from "node:net";
import type { ServerOptions } from "node:https";

/** A request as it came. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  readonly atMs: number;
}

/** What the server does with a request whose body is complete. */
export type Script = (request: SeenRequest, ...rest: Parameters<RequestListener>) => void;

/** An HTTP(S) server on a loopback port whose every answer a test writes itself. */
export class ScriptedServer {
  readonly requests: SeenRequest[] = [];
  readonly sockets = new Set<Socket>();
  /** Connections since the start. */
  connections = 0;
  readonly #server: Server;
  readonly #scheme: string;

  private constructor(script: Script, tls: ServerOptions | undefined) {
    const listener: RequestListener = (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const body = Buffer.concat(chunks).toString("utf8");
        const { method = "", url: path = "", headers } = request;
        const seen = { method, path, headers, body, atMs: performance.now() };
        this.requests.push(seen);
        script(seen, request, response);
      });
    };
    this.#scheme = tls === undefined ? "http" : "https";
    this.#server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
    this.#server.on("connection", (socket: Socket) => {
      this.connections += 1;
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
      socket.on("error", () => undefined);
    });
    this.#server.on("tlsClientError", () => undefined);
  }

  static async start(script: Script, tls?: ServerOptions): Promise<ScriptedServer> {
    const server = new ScriptedServer(script, tls);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.port}`;
  }

  /** Makes it a proxy that opens tunnels; `targets` collects where to. `answer` is what it says instead of opening one. */
  tunnel(targets: string[], answer?: string): void {
    this.#server.on("connect", (request: IncomingMessage, client: Socket) => {
      targets.push(`${request.url ?? ""} ${request.headers["proxy-authorization"] ?? "-"}`);
      client.on("error", () => undefined);
      if (answer !== undefined) {
        client.end(`HTTP/1.1 ${answer}\r\nContent-Length: 0\r\n\r\n`);
        return;
      }
      const port = Number(/:(\d+)$/.exec(request.url ?? "")?.[1]);
      const upstream = connect(port, "127.0.0.1", () => {
        client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
        upstream.pipe(client).pipe(upstream);
      });
      upstream.on("error", () => client.destroy());
      client.on("close", () => upstream.destroy());
    });
  }

  /** Makes it a proxy that takes requests for tunnels and never answers. */
  silence(targets: string[]): void {
    this.#server.on("connect", (request: IncomingMessage, client: Socket) => {
      targets.push(request.url ?? "");
      client.on("error", () => undefined);
      client.on("end", () => client.end());
      client.resume();
    });
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }
}

/** A loopback port on which nothing listens. */
export async function unusedPort(): Promise<number> {
  const server = await ScriptedServer.start(() => undefined);
  const { port } = server;
  await server.stop();
  return port;
}
