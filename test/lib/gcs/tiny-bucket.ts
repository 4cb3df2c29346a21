import { XdrError, type ErrorCode } from "../../../nodes/lib/errors";
import type { GcsClient, ListPage, ListRequest, ObjectVersion } from "../../../nodes/lib/gcs/gcs-api";

/** Names that are hard to order or to write: extensions of each other, beyond U+FFFF, with "%", "/", blanks. */
export const NAMES: readonly string[] = [
  ...[
    "a",
    "a/",
    "a/b",
    "a/b/c",
    "a0",
    "ab",
    "a b",
    "a%2Fb",
    "a%",
    "A",
    "aa/1",
    "internal/1",
    "internal/10",
    "internal/2",
  ],
  ...["internal/", "internal", "interne", "ü", "u\u0308", "\u007f", "\uE000", "\uFF5E", "\u{1F600}", "\u{10FFFF}"],
  ...["\uD7FF", "日本/語", "日本", "z", "zz", "~", "0", "g", "00", "0g", "#?&=+", "x/\u{1F600}/1", "x/\uFFFD/1", "x/y"],
];

/** The listing of a bucket, as far as a sweep sees it. Pages end where `pageSize` says; tokens are opaque. */
export class TinyBucket implements Pick<GcsClient, "list"> {
  readonly objects = new Map<string, ObjectVersion>();
  /** Asked for each page: how long it is; 0 gives an empty page in the middle. */
  pageSize: () => number = () => 1000;
  /** Names that stand in the place of folder markers: the client leaves them out of the objects. */
  readonly markers = new Set<string>();
  /** Told before and after each page; what it throws fails the call. */
  onList: (phase: "before" | "after", request: ListRequest) => void = () => undefined;
  calls: ListRequest[] = [];
  /** Tokens from before are refused from then on. */
  epoch = 0;
  #generation = 9_007_199_254_740_990n;

  /** Creates or replaces an object. */
  put(name: string, createdMs = 0): ObjectVersion {
    this.#generation += 7n;
    const version = { name, generation: String(this.#generation), sizeBytes: 1, createdMs };
    this.objects.set(name, version);
    return version;
  }

  delete(name: string): void {
    this.objects.delete(name);
  }

  async list(request: ListRequest): Promise<ListPage> {
    this.calls.push(request);
    await Promise.resolve();
    this.onList("before", request);
    const { prefix, pageToken, startOffset } = request;
    const [epoch, after] = JSON.parse(pageToken ?? "[]") as [number?, (string | null)?];
    if (epoch !== undefined && epoch !== this.epoch) throw failure("GCS_PAGE_TOKEN_REJECTED");
    const names = [...this.objects.keys(), ...this.markers]
      .filter((name) => name.startsWith(prefix))
      .filter((name) => startOffset === undefined || byBytes(name, startOffset) >= 0)
      .filter((name) => typeof after !== "string" || byBytes(name, after) > 0)
      .sort(byBytes);
    const page = names.slice(0, this.pageSize());
    const lastName = page.at(-1);
    const isLast = page.length === names.length;
    const answer: ListPage = {
      objects: page.flatMap((name) => this.objects.get(name) ?? []),
      lastName,
      // An empty page has another token than the one that led to it.
      nextPageToken: isLast ? undefined : JSON.stringify([this.epoch, lastName ?? after ?? null, this.calls.length]),
    };
    await Promise.resolve();
    this.onList("after", request);
    return answer;
  }
}

export function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

export function failure(code: ErrorCode): XdrError {
  return new XdrError(code, "as scripted");
}

/** One text for one version. */
export function idOf({ name, generation }: { readonly name: string; readonly generation: string }): string {
  return `${name}#${generation}`;
}
