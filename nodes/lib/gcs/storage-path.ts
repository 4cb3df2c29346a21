import { XdrError } from "../errors";
import { shown } from "../shown";

/** What a storage path names. */
export interface StoragePath {
  readonly bucket: string;
  /** Literal start of the object names; empty = all. */
  readonly prefix: string;
}

const SCHEME = "gs://";
/** Where the Google Cloud console shows a bucket. */
const CONSOLE = "https://console.cloud.google.com/storage/browser/";
/**
 * 3 to 222 lower-case letters, digits, `-`, `_` and `.`, a letter or digit first and last. Source: Cloud Storage
 * documentation, "About Cloud Storage buckets", bucket names.
 */
const BUCKET = /^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/;
const ONLY_SLASHES = /^\/*$/;
/** Ends the path in an address of the console: `;tab=objects`, `?project=...`, `#...`. */
const CONSOLE_PATH_END = /[;?#]/;
const EXPECTED =
  'expected the bucket\'s name, "gs://bucket", "gs://bucket/prefix/", or its address in the Google Cloud console';

/**
 * Takes a storage path apart. Understands `bucket`, `gs://bucket`, `gs://bucket/prefix/` (the prefix is literal: with or
 * without a slash at its end is not the same) and `https://console.cloud.google.com/storage/browser/bucket/folder`, whose
 * folder becomes a prefix that ends in a slash. Blanks around it and slashes behind a bucket do not matter.
 * @throws XdrError `XDR_CONFIG_INVALID` of the field `bucket`
 */
export function parseStoragePath(text: string): StoragePath {
  const path = text.trim();
  if (path === "") throw invalid(`The bucket is empty: ${EXPECTED}.`);
  const { bucket, rest, isFolder } = split(path);
  if (!BUCKET.test(bucket)) {
    throw invalid(
      `The bucket ${shown(path)} cannot be used: ${EXPECTED}. A bucket's name has 3 to 222 characters of a-z, 0-9, "-", "_" and ".".`,
    );
  }
  if (ONLY_SLASHES.test(rest)) return { bucket, prefix: "" };
  return { bucket, prefix: isFolder && !rest.endsWith("/") ? `${rest}/` : rest };
}

/** The bucket, and what follows the slash behind it. */
function split(path: string): { readonly bucket: string; readonly rest: string; readonly isFolder: boolean } {
  if (startsWith(path, SCHEME)) return { ...cut(path.slice(SCHEME.length)), isFolder: false };
  if (!startsWith(path, CONSOLE)) {
    const parts = cut(path);
    // `bucket/prefix` may be a slip of the keyboard in many ways, and would be a bucket's name in none.
    return ONLY_SLASHES.test(parts.rest) ? { ...parts, isFolder: false } : { bucket: path, rest: "", isFolder: false };
  }
  const address = path.slice(CONSOLE.length);
  const end = address.search(CONSOLE_PATH_END);
  const { bucket, rest } = cut(end === -1 ? address : address.slice(0, end));
  return { bucket, rest: decoded(rest, path), isFolder: true };
}

function cut(text: string): { readonly bucket: string; readonly rest: string } {
  const slash = text.indexOf("/");
  return slash === -1 ? { bucket: text, rest: "" } : { bucket: text.slice(0, slash), rest: text.slice(slash + 1) };
}

function decoded(text: string, path: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid(`The address ${shown(path)} cannot be read: it holds a "%" that stands for nothing. Copy it again.`);
  }
}

/** Schemes and hosts have no case. */
function startsWith(text: string, start: string): boolean {
  return text.slice(0, start.length).toLowerCase() === start;
}

function invalid(message: string): XdrError {
  return new XdrError("XDR_CONFIG_INVALID", message, { field: "bucket" });
}
