import { closeSync, openSync, readSync, writeSync } from "node:fs";

/** Digits of a watermark in its file: enough for any safe integer. */
const WIDTH = 16;

/**
 * A number kept beside the store, written without fsync after each commit. It survives a kill of the process, so a
 * store that comes back with less than the watermark has lost its tail, and by how much can be told.
 */
export interface Watermark {
  read(): number;
  /** Never throws: a watermark that cannot be written only makes the count of a later loss smaller. */
  write(value: number): void;
  close(): void;
}

/** Opens the watermark in `file`. A file that cannot be opened gives one that remembers nothing. */
export function openWatermark(file: string): Watermark {
  let handle: number | undefined;
  try {
    // "a+" would append; "r+" needs the file. O_CREAT without O_TRUNC is what fits.
    handle = openSync(file, "as+");
    closeSync(handle);
    handle = openSync(file, "r+", 0o600);
  } catch {
    handle = undefined;
  }
  return {
    read() {
      if (handle === undefined) return 0;
      const buffer = Buffer.alloc(WIDTH);
      try {
        readSync(handle, buffer, 0, WIDTH, 0);
      } catch {
        return 0;
      }
      const value = Number(buffer.toString("ascii"));
      return Number.isSafeInteger(value) && value > 0 ? value : 0;
    },
    write(value) {
      if (handle === undefined) return;
      try {
        writeSync(handle, String(value).padStart(WIDTH, "0"), 0, "ascii");
      } catch {
        // Disk full: the commit itself has reported it.
      }
    },
    close() {
      if (handle !== undefined) closeSync(handle);
      handle = undefined;
    },
  };
}
