/**
 * A simulated bucket in a process of its own, so that its CPU is not the reader's. Arguments: nothing. Messages in:
 * `{put: {name, file, copies}}` stores a file's bytes `copies` times over (gzip members follow each other), `{small: n}` stores
 * n objects of one event each. Messages out: `{url}` when it listens, `{done}` after each, `{requests, listBytes}` on `{count}`.
 */
import { readFileSync } from "node:fs";
import { createSimulatedBucket } from "../support/simulated-bucket/bucket";
import { eventLines, gzip } from "../support/simulated-bucket/event-lines";

interface Order {
  readonly put?: { readonly name: string; readonly file: string; readonly copies: number };
  readonly small?: number;
  readonly count?: true;
}

async function main(): Promise<void> {
  const bucket = await createSimulatedBucket({ anonymous: true });
  const tell = (message: object): void => void process.send?.(message);
  process.on("message", ({ put, small, count }: Order) => {
    if (put !== undefined) {
      const bytes = readFileSync(put.file);
      bucket.put(put.name, put.copies === 1 ? bytes : Buffer.concat(Array.from({ length: put.copies }, () => bytes)));
      // The checksums are made now, not while somebody waits for the first byte.
      assertHasChecksums(bucket.objects().at(-1)?.content.checksums);
    }
    if (small !== undefined) {
      const [line = ""] = eventLines(1, 1);
      const bytes = gzip(`${line}\n`);
      for (let at = 0; at < small; at += 1) bucket.put(`internal/small/${String(at).padStart(8, "0")}.json.gz`, bytes);
    }
    if (count !== undefined) {
      const { requests } = bucket;
      tell({
        lists: requests.filter(({ kind }) => kind === "list").length,
        others: requests.filter(({ kind }) => kind !== "list").length,
        listBytes: requests.reduce((total, { kind, bytesSent }) => total + (kind === "list" ? bytesSent : 0), 0),
      });
      bucket.clearRequests();
      return;
    }
    tell({ done: true });
  });
  process.on("disconnect", () => void bucket.close());
  tell({ url: bucket.url, name: bucket.name });
}

function assertHasChecksums(checksums: object | undefined): void {
  if (checksums === undefined) throw new Error("the object was not stored");
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});
