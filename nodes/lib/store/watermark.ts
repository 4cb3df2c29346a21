import { closeSync, openSync, readFileSync, readSync, writeSync } from "node:fs";

/** Digits of a number in the file: enough for any safe integer. */
const WIDTH = 16;

/** What was committed last. */
export interface Mark {
  /** Last sequence number given out. */
  readonly seq: number;
  /** Alerts that the store held then: more can not be lost. */
  readonly held: number;
}

/**
 * A mark kept beside the store, written without fsync after each commit. It survives a kill of the process, so a
 * store that comes back with less than the watermark has lost its tail, and by how much can be told.
 */
export interface Watermark {
  read(): Mark;
  /** Never throws: a watermark that cannot be written only makes the count of a later loss smaller. */
  write(mark: Mark): void;
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
      const buffer = Buffer.alloc(2 * WIDTH);
      try {
        if (handle !== undefined) readSync(handle, buffer, 0, buffer.length, 0);
      } catch {
        // As if there were none.
      }
      return markIn(buffer.toString("ascii"));
    },
    write({ seq, held }) {
      if (handle === undefined) return;
      try {
        writeSync(handle, digits(seq) + digits(held), 0, "ascii");
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

/** What the watermark in `file` says, without opening it for writing; all zero when there is none. */
export function peekWatermark(file: string): Mark {
  try {
    return markIn(readFileSync(file, "ascii"));
  } catch {
    return { seq: 0, held: 0 };
  }
}

const markIn = (text: string): Mark => ({ seq: numberIn(text.slice(0, WIDTH)), held: numberIn(text.slice(WIDTH)) });

const digits = (value: number): string => String(value).padStart(WIDTH, "0");

function numberIn(text: string): number {
  const value = Number(text);
  return Number.isSafeInteger(value) && value > 0 ? value : 0;
}
