/**
 * The baseline: what plain Node.js does with a gzip file of NDJSON, as fast as we know how: inflating 256 KiB at a time,
 * splitting at line feeds, and `JSON.parse`. Argument: the file. Each message in is one round; the answer is `{events, ms}`.
 */
import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";

const CHUNK_BYTES = 262_144;
const NEWLINE = 10;

async function readAll(file: string): Promise<{ events: number; ms: number }> {
  const startedMs = performance.now();
  let events = 0;
  let rest: Buffer | undefined;
  const take = (line: Buffer): void => {
    const event: unknown = JSON.parse(line.toString("utf8"));
    if (typeof event === "object") events += 1;
  };
  const plain = createReadStream(file).pipe(createGunzip({ chunkSize: CHUNK_BYTES }));
  for await (const chunk of plain as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      const line = chunk.subarray(start, end);
      take(rest === undefined ? line : Buffer.concat([rest, line]));
      rest = undefined;
      start = end + 1;
    }
    if (start < chunk.length) {
      const tail = chunk.subarray(start);
      rest = rest === undefined ? tail : Buffer.concat([rest, tail]);
    }
  }
  if (rest !== undefined) take(rest);
  return { events, ms: performance.now() - startedMs };
}

process.on("message", () => {
  void readAll(process.argv[2] ?? "").then(
    (round) => process.send?.(round),
    () => process.exit(1),
  );
});
