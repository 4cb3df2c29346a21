import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

/** A folder of this test alone, removed when it ends. */
export function tempFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "cortex-xdr-test-"));
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}
