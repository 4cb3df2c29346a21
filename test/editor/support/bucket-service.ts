import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** The one bucket there is; it is empty. */
export const BUCKET = "xdr-eu-1234567890-event-forwarding";

/** As much of the JSON API as a dialog needs: lists an empty bucket, and knows no other. Signing in is not asked for. */
export class BucketService {
  /** Paths of the requests so far. */
  readonly requests: string[] = [];
  /** Answers wait for it. */
  mayAnswer: Promise<void> = Promise.resolve();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      const path = new URL(request.url ?? "/", "http://bucket.invalid").pathname;
      this.requests.push(path);
      void this.mayAnswer.then(() => {
        const isKnown = path === `/storage/v1/b/${BUCKET}/o`;
        response.writeHead(isKnown ? 200 : 404, { "content-type": "application/json; charset=UTF-8" });
        const message = "The specified bucket does not exist.";
        const error = { code: 404, message, errors: [{ message, domain: "global", reason: "notFound" }] };
        response.end(JSON.stringify(isKnown ? { kind: "storage#objects" } : { error }));
      });
    });
  }

  static async start(): Promise<BucketService> {
    const service = new BucketService();
    service.#server.listen(0, "127.0.0.1");
    await once(service.#server, "listening");
    return service;
  }

  /** What an account has as `apiEndpoint`. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}
