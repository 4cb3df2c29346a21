import { AccessTokens } from "./access-tokens";
import { Faults } from "./faults";
import { MAX_PAGE_SIZE, type BucketOptions } from "./options";
import { PageTokens } from "./page-token";
import type { RecordedRequest } from "./records";
import { newServiceAccountKey, type ServiceAccountKey } from "./service-account";
import { Shelf } from "./shelf";

/** All that a bucket knows. Routes read it. */
export class BucketState {
  readonly name: string;
  readonly pageSize: number;
  readonly tokenLifeMs: number;
  readonly isAnonymous: boolean;
  readonly shelf = new Shelf();
  readonly tokens = new AccessTokens();
  readonly pageTokens = new PageTokens();
  readonly faults = new Faults();
  requests: RecordedRequest[] = [];
  denyList = false;
  denyRead = false;
  gone = false;
  clockOffsetMs = 0;
  /** Origin of the server, once it listens. */
  url = "";
  readonly #now: () => number;
  #key: ServiceAccountKey | undefined;
  #isKeyRevoked = false;

  constructor(options: BucketOptions) {
    const { clock = { now: () => Date.now() }, pageSize = MAX_PAGE_SIZE, tokenLifeSeconds = 3599 } = options;
    this.name = options.bucket ?? "xdr-eu-0000-event-forwarding";
    this.pageSize = Math.min(pageSize, MAX_PAGE_SIZE);
    this.tokenLifeMs = tokenLifeSeconds * 1000;
    this.isAnonymous = options.anonymous ?? false;
    this.#now = options.now ?? (() => clock.now());
  }

  /** The service's clock, epoch milliseconds. */
  now(): number {
    return this.#now() + this.clockOffsetMs;
  }

  get tokenUri(): string {
    return `${this.url}/token`;
  }

  /** Made when first asked for: that takes a tenth of a second. */
  get key(): ServiceAccountKey {
    this.#key ??= newServiceAccountKey(this.tokenUri);
    return this.#key;
  }

  /** The key that assertions are checked with; undefined when the account has none. */
  get validKey(): ServiceAccountKey | undefined {
    return this.#isKeyRevoked ? undefined : this.key;
  }

  revokeKey(): void {
    this.#isKeyRevoked = true;
  }

  renewKey(): ServiceAccountKey {
    this.#key = newServiceAccountKey(this.tokenUri);
    this.#isKeyRevoked = false;
    return this.#key;
  }
}
